import { CancelDecided, type Payment } from '@micropay/schemas/api/payment'
import type { Session } from '@micropay/schemas/api/token'
import type { Client, Decided } from '../../api/client.ts'
import { allows } from '../../api/session.ts'

/** Whether one may let it be while it is under way: whoever gave the command, and those who book for others. */
export function canCancel({ status, actor }: Pick<Payment, 'status' | 'actor'>, session: Session): boolean {
  if (status !== 'pending') return false
  return allows(session, 'payments:book') || (allows(session, 'payments:make') && actor === session.subject)
}

export function cancelPayment(client: Client, paymentId: string, key: string): Promise<Decided<CancelDecided>> {
  const path = `/v1/payments/${encodeURIComponent(paymentId)}/cancel`
  return client.command({ path, body: {}, idempotencyKey: key, schema: CancelDecided })
}
