import type { PaymentId } from '@micropay/schemas/identifiers'
import type { Commit } from '@micropay/schemas/log/commit'
import type { Begun, Truth } from './truth.ts'

const OPEN_FOR_MS = 60_000
/** The log's answer tells the time no better than this: so long an append may take. */
const APART_MS = 12_000

/** No payment is let go before its time is over, by the true time: whatever clock of a host said so. */
export function createTimesOver() {
  const begunMs = new Map<PaymentId, number>()
  return {
    take({ command, events }: Commit, sentMs: number): string | undefined {
      for (const { type, data } of events) {
        if (type === 'PaymentInitiated') begunMs.set(data.paymentId, sentMs)
        const isOver = type === 'PaymentFailed' || type === 'CancelRequested'
        if (!isOver || command.type !== 'ExpirePayment') continue
        const openMs = sentMs - (begunMs.get(data.paymentId) ?? 0)
        if (openMs < OPEN_FOR_MS - APART_MS) return `${data.paymentId} is let go after ${openMs} ms`
      }
      return undefined
    },
  }
}

type Open = Pick<Begun, 'state' | 'deadline' | 'participants'>
export type HasOpen = Pick<Truth, 'partition' | 'unanswered'> & { readonly begun: ReadonlyMap<PaymentId, Open> }
/** Of the partitions `away` is one that nobody reaches, and undefined where none of them reaches another. */
type Seen = { readonly before: string; readonly away: number | undefined }

/**
 * A payment whose time was over before then, and that is open all the same. Whoever can still decide a payment has done
 * so by its time, or has asked the one who decides to let it be. What a lost history had decided only others know: the
 * payment waits for them, and they may be away.
 */
export function openOverTime(truths: readonly HasOpen[], { before, away }: Seen): string | undefined {
  const isAway = (partition: number) => away === undefined || partition === away
  for (const { partition, begun, unanswered } of truths) {
    if (partition === away) continue
    for (const [paymentId, { state, deadline, participants }] of begun) {
      const isOpen = state === 'preparing' || state === 'asked'
      const isBlocked = participants.some((each) => unanswered.has(each) && isAway(each))
      if (isOpen && !isBlocked && deadline < before) return `${paymentId} is ${state} after ${deadline}`
    }
  }
  return undefined
}
