/** One process of a service. */
export type Place = {
  /** As requests name it: scheme, host and port. */
  readonly origin: string
  /** Where to connect to, where that is not for the host's name to say. */
  readonly address?: string
}

/** Where the instances of one service are: a port, with a folder for each way of finding them. */
export type Discovery = {
  /** What is known by now. Whoever finds none, or cannot look, has those of before. */
  places(): readonly Place[]
  /** Calls `work` whenever they have changed. */
  onChange(work: () => void): void
  /** Why they may be old, for people. */
  trouble(): string | undefined
  /** Resolves when it has looked once, whatever it found. */
  readonly looked: Promise<void>
  close(): Promise<void>
}

/** Tells instances apart. */
export function nameOf({ origin, address }: Place): string {
  return address === undefined ? origin : `${origin} at ${address}`
}
