import type { PaymentId } from '@micropay/schemas/identifiers'

/** So many payments are known at once; of more the one whose step was the longest ago is told without. */
const MOST_PAYMENTS = 1_000

/**
 * By payment across partitions the trace of its last step here, which goes with what is said of it: what others do of
 * it belongs to the same trace. It is nowhere else, and whoever takes over goes on without.
 */
export type PaymentTraces = {
  of(payment: PaymentId): string | undefined
  add(payment: PaymentId, traceparent: string): void
}

export function createPaymentTraces(): PaymentTraces {
  const traces = new Map<PaymentId, string>()
  return {
    of: (payment) => traces.get(payment),
    add(payment, traceparent) {
      traces.delete(payment)
      traces.set(payment, traceparent)
      if (traces.size > MOST_PAYMENTS) for (const oldest of traces.keys().take(1)) traces.delete(oldest)
    },
  }
}
