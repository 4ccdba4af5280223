import { PaymentId } from '@micropay/schemas/identifiers'
import type { CommandRequest, CommandResult } from '@micropay/write-side/handle/command'

export type KnownPayment = { readonly paymentId: PaymentId; readonly movedMinor: number }

/** What clients were told of payments, the newest last: what they ask for later is about that. */
export type Knowledge = {
  /** Those that came about. */
  payments(): readonly KnownPayment[]
  /** Those that were under way when somebody was last told of them. */
  pending(): readonly PaymentId[]
  begunBy(key: string): PaymentId | undefined
  learn(request: CommandRequest, result: CommandResult): void
}

type Answer = {
  readonly paymentId?: string | null
  readonly status?: string
  readonly legs?: readonly { readonly amount: string }[]
}

export function createKnowledge(): Knowledge {
  const payments = new Map<PaymentId, KnownPayment>()
  const pending = new Set<PaymentId>()
  const byKey = new Map<string, PaymentId>()
  return {
    payments: () => [...payments.values()],
    pending: () => [...pending],
    begunBy: (key) => byKey.get(key),
    learn({ command: { type }, idempotencyKey }, result) {
      if (type !== 'MakePayment' && type !== 'RefundPayment') return
      const began = byKey.get(idempotencyKey)
      if (result.kind === 'rejected' && began) pending.delete(began)
      if (result.kind !== 'accepted') return
      const { paymentId: id, status, legs = [] } = result.answer as Answer
      if (!id) return
      const paymentId = PaymentId.parse(id)
      byKey.set(idempotencyKey, paymentId)
      if (status === 'pending') {
        pending.add(paymentId)
        return
      }
      pending.delete(paymentId)
      const movedMinor = legs.reduce((sum, { amount }) => sum + Math.max(0, Number(amount)), 0)
      payments.set(paymentId, { paymentId, movedMinor })
    },
  }
}
