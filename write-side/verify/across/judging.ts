import type { AcrossFault } from '@micropay/schemas/api/across'
import { type PaymentId, placeOfId } from '@micropay/schemas/identifiers'
import { formatPosition, type Position } from '@micropay/schemas/position'
import type { Followed } from './followed.ts'
import type { Found } from './found.ts'
import type { createClosingsJudge } from './judge-closings.ts'
import type { createFactsJudge } from './judge-facts.ts'
import type { HistoryJudge } from './judge-history.ts'

export type Judging = {
  readonly partitions: number
  readonly read: number[]
  readonly payments: Map<PaymentId, Followed>
  readonly facts: ReturnType<typeof createFactsJudge>
  readonly closings: ReturnType<typeof createClosingsJudge>
  readonly history: HistoryJudge
  readonly found: Found[]
  foundCount: number
  count: number
  /** Causes that a person has given up. */
  gone: number
}

const MOST_FOUND = 1_000

/** Notes a fault of a payment, with all of its commits that were read. */
export function tell(
  judging: Judging,
  { payment, steps }: Followed,
  { partition, seq }: Position,
  code: AcrossFault['code'],
  detail: string,
  cause?: Position,
): void {
  judging.foundCount += 1
  if (judging.found.length >= MOST_FOUND) return
  const named = [placeOfId(payment), { partition, seq }, ...steps, ...(cause ? [cause] : [])]
  const position = formatPosition({ partition, seq })
  judging.found.push({ code, position, paymentId: payment, detail, named })
}
