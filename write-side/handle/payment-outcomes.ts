import type { Commit } from '@micropay/schemas/log/commit'
import type { CommandType } from '@micropay/schemas/log/event'

/** What may become of a payment, refunds included, for those who count them. */
export const paymentOutcomes = ['posted', 'rejected', 'cancelled', 'timed_out'] as const
export type PaymentOutcome = (typeof paymentOutcomes)[number]

const asksToPay: ReadonlySet<CommandType> = new Set(['MakePayment', 'RefundPayment'])

/**
 * The payments that a commit decides. One across partitions is decided by the partition that coordinates it, and
 * counts there; what a second person approves counts then.
 */
export function paymentsDecidedIn({ outcome, command, events }: Pick<Commit, 'outcome' | 'command' | 'events'>) {
  if (outcome.kind === 'rejected') return asksToPay.has(command.type) ? rejected : none
  const [only, another] = events
  // As most commits are.
  if (!another && only?.type === 'PaymentPosted') return posted
  return events.flatMap((event): readonly PaymentOutcome[] => {
    if (event.type === 'PaymentPosted' || event.type === 'PaymentCompleted') return posted
    return event.type === 'PaymentFailed' ? [failedBy(event.data.rejection.code)] : none
  })
}

const posted: readonly PaymentOutcome[] = ['posted']
const rejected: readonly PaymentOutcome[] = ['rejected']
const none: readonly PaymentOutcome[] = []

function failedBy(code: string): PaymentOutcome {
  if (code === 'payment_cancelled') return 'cancelled'
  return code === 'payment_expired' ? 'timed_out' : 'rejected'
}
