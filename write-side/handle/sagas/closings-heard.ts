import type { PeriodId } from '@micropay/schemas/identifiers'
import type { SealedMessage } from '@micropay/schemas/log/message'
import type { Seals } from '../../decide/stepped.ts'

/**
 * What the home of facts was told of closings since its claim, by period and partition, and when it last asked. It is
 * nowhere else and need not be: who is asked again says it again.
 */
export type ClosingsHeard = {
  of(period: PeriodId): Seals
  add(message: SealedMessage): void
  clear(): void
  /** When this owner last looked at each closing, by the clock that never goes back. */
  readonly lookedMs: Map<PeriodId, number>
}

const nothing: Seals = new Map()

export function createClosingsHeard(): ClosingsHeard {
  const heard = new Map<PeriodId, Map<number, SealedMessage>>()
  const lookedMs = new Map<PeriodId, number>()
  return {
    of: (period) => heard.get(period) ?? nothing,
    add(message) {
      const seals = heard.get(message.period) ?? new Map<number, SealedMessage>()
      heard.set(message.period, seals.set(message.from, message))
    },
    clear() {
      heard.clear()
      lookedMs.clear()
    },
    lookedMs,
  }
}
