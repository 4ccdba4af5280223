import { canonicalPaymentId, type PaymentId } from '@micropay/schemas/identifiers'
import type { Commit } from '@micropay/schemas/log/commit'
import type { EventOf } from '@micropay/schemas/log/event'
import type { Leg } from '@micropay/schemas/log/payment-legs'

/** A payment as the old ledger has booked it, with all its legs. */
export type OldPayment = {
  readonly id: PaymentId
  /** When it was booked there: of one across partitions, when that was decided. */
  readonly bookedAt: string
  readonly legs: readonly Leg[]
  readonly effectiveAt: string
  readonly texts: NonNullable<EventOf<'PaymentPosted'>['data']['personal']>['data']
  readonly reverses: PaymentId | undefined
  readonly corrects: string | undefined
}

/** Reads payments from commits, in the order of the log: one across partitions where its coordinator completes it. */
export type PaymentReader = {
  take(commit: Commit): readonly OldPayment[]
  /** What is not decided so far. */
  underWay(): readonly PaymentId[]
}

export function createPaymentReader(): PaymentReader {
  const begun = new Map<PaymentId, EventOf<'PaymentInitiated'>['data']>()
  return {
    take({ events, decidedAt }) {
      const booked: OldPayment[] = []
      for (const event of events) {
        if (event.type === 'PaymentPosted') booked.push(bookedAs(event.data, decidedAt))
        if (event.type === 'PaymentInitiated') begun.set(event.data.paymentId, event.data)
        if (event.type !== 'PaymentCompleted' && event.type !== 'PaymentFailed') continue
        const { paymentId } = event.data
        const data = begun.get(paymentId)
        begun.delete(paymentId)
        if (data && event.type === 'PaymentCompleted') booked.push(bookedAs(data, decidedAt))
      }
      return booked
    },
    underWay: () => [...begun.keys()],
  }
}

type Booked = Omit<EventOf<'PaymentPosted'>['data'], 'kind'>

function bookedAs({ paymentId, legs, effectiveAt, personal, reverses, corrects }: Booked, bookedAt: string) {
  const texts = personal?.data ?? {}
  const back = reverses && canonicalPaymentId(reverses.paymentId)
  return { id: paymentId, bookedAt, legs, effectiveAt, texts, reverses: back, corrects }
}
