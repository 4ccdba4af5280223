import type { PaymentId, PeriodId } from '@micropay/schemas/identifiers'
import type { Answer, SealedMessage, ToldFact } from '@micropay/schemas/log/message'
import type { LedgerView } from './ledger.ts'
import { factsBehind, HOME } from './ledger-facts.ts'
import type { Speaker } from './saga-messages.ts'

/** What a partition of the tests has heard, which is in no log. */
export function newHeard() {
  const heard = new Map<PaymentId, Map<number, Answer>>()
  const seals = new Map<number, SealedMessage>()
  return {
    heard,
    seals,
    heardOf: (payment: PaymentId) => heard.get(payment) ?? new Map<number, Answer>(),
    sealedOf: (period: PeriodId) => new Map([...seals].filter(([, message]) => message.period === period)),
    forgetHeard(): void {
      heard.clear()
      seals.clear()
    },
  }
}

/** At home: what holds behind a seq, to all others. */
export function factsTold(known: number, ledger: LedgerView, { partition, partitions, seq }: Speaker): ToldFact[] {
  if (partition !== HOME) return []
  const others = Array.from({ length: partitions - 1 }, (_, index) => index + 1)
  const way = { kind: 'fact' as const, from: HOME, asOf: seq }
  return others.flatMap((to) => factsBehind(known, ledger).map((told) => ({ ...way, to, ...told })))
}
