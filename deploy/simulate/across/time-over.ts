import type { PaymentId } from '@micropay/schemas/identifiers'
import type { Commit } from '@micropay/schemas/log/commit'

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
