/**
 * What a worker does with a partition: ask for it and serve it, follow its log so that it can be had at once, or
 * neither.
 */
export type Part = 'own' | 'follow' | 'leave'

/** A worker's share in one partition, as all workers work it out for themselves. */
export type Share = {
  part(): Part
  /** Aborts when the part has changed. */
  changed(): AbortSignal
  /** It is served from here on, until the signal aborts: then the worker that shall have it is ready. */
  serving(): AbortSignal
  /** Says whether the log is followed to its end. */
  follows(toTheEnd: boolean): void
}

/** Who has a partition, and where that one is reached. */
export type PartitionHolder = { readonly workerId: string; readonly url: string; readonly isOurs: boolean }
