import { placeOfId } from '@micropay/schemas/identifiers'
import type { Commit } from '@micropay/schemas/log/commit'
import type { EventOf } from '@micropay/schemas/log/event'
import type { LostSpan } from '@micropay/schemas/log/history-events'
import { HOME } from '../decide/ledger-facts.ts'
import { isIn } from '../decide/lost-spans.ts'

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
  /** Of periods that their home has lost that it began to close. */
  function forget(lost: readonly LostSpan[]): void {
    for (const { sealed } of standing.values())
      if (isIn(lost, placeOfId(sealed.periodId).seq)) standing.delete(sealed.periodId)
  }
  return {
    take({ tenant, seq, events }, offset) {
      for (const { type, data } of events) {
        if (type === 'PeriodClosed' && !standing.has(data.periodId)) {
          const digest = data.seals?.find((seal) => seal.partition === partition)?.digest ?? data.digest
          standing.set(data.periodId, { tenant, seq, offset, sealed: { ...data, digest } })
        }
        const isOpen = type === 'PeriodReopened' || type === 'PeriodClosing' || type === 'PeriodCalledOff'
        if (isOpen) standing.delete(data.periodId)
        if (type === 'HistoryAccepted' && data.partition === HOME) forget(data.lost)
      }
    },
    standing: () => [...standing.values()],
  }
}
