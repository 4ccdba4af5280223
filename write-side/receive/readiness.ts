import type { Phase } from '../handle/ownership.ts'

/** How one partition stands at this worker. */
export type Standing = {
  readonly phase: Phase
  /** Why it is not served here; undefined while it is. */
  readonly notServing: string | undefined
  /** What somebody should look at although it is served. */
  readonly trouble: string | undefined
}

/**
 * A worker is ready while it serves a partition: one that is being claimed, is stopped, or is another worker's takes
 * nothing from the others. What is not served then is said beside it, but for what may be served elsewhere.
 */
export function readinessOf(standings: readonly Standing[]): Readiness {
  const unserved = standings.filter(({ notServing }) => notServing !== undefined)
  const trouble = standings.find((standing) => standing.trouble !== undefined)?.trouble
  if (unserved.length === standings.length) return { notReady: unserved[0]?.notServing, trouble }
  const missing = unserved.filter(({ phase }) => phase !== 'waiting for the lease')
  // What a person has to do something about comes first.
  const first = missing.find(({ phase }) => phase === 'stopped') ?? missing[0]
  if (!first) return { notReady: undefined, trouble }
  const others = missing.length - 1
  const more = others === 0 ? '' : `, and ${others} more of ${standings.length} partitions are not served`
  return { notReady: undefined, trouble: `${first.notServing}${more}` }
}

export type Readiness = { readonly notReady: string | undefined; readonly trouble: string | undefined }
