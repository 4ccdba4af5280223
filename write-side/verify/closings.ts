import type { Commit } from '@micropay/schemas/log/commit'
import type { EventOf } from '@micropay/schemas/log/event'

/** A closing that counts, and where it stands. */
export type Closing = {
  readonly tenant: string
  readonly seq: number
  readonly offset: bigint
  /** On several partitions `digest` is that of the partition's own figures. */
  readonly sealed: Pick<EventOf<'PeriodClosed'>['data'], 'periodId' | 'through' | 'before' | 'digest'>
}

/** The closings of a partition. What was reopened asserts nothing any more. */
export type Closings = {
  take(commit: Commit, offset: bigint): void
  /** Those that nobody has reopened, each tenant's in their order. */
  standing(): readonly Closing[]
}

export function collectClosings(partition: number): Closings {
  const standing = new Map<string, Closing>()
  return {
    take({ tenant, seq, events }, offset) {
      for (const { type, data } of events) {
        if (type === 'PeriodClosed') {
          const digest = data.seals?.find((seal) => seal.partition === partition)?.digest ?? data.digest
          standing.set(data.periodId, { tenant, seq, offset, sealed: { ...data, digest } })
        }
        if (type === 'PeriodReopened') standing.delete(data.periodId)
      }
    },
    standing: () => [...standing.values()],
  }
}
