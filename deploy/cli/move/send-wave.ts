import { PaymentId } from '@micropay/schemas/identifiers'
import { reasonOf, sendBatch } from '@micropay/sdk/send-payments'
import { type Asking, ask, forEach } from './ask.ts'
import type { PaymentRequest } from './payment-requests.ts'
import { noteReason, type Tally } from './tally.ts'
import type { Move } from './waves.ts'

export type Sending = {
  readonly asking: Asking
  readonly tally: Tally
  /** Of the payments that will be given back, the new id of each by its old one. */
  readonly newIds: Map<PaymentId, PaymentId>
  readonly givenBack: ReadonlySet<PaymentId>
}

/** Sends payments that do not depend on each other: those that give something back one by one, all others at once. */
export async function sendWave(wave: readonly Move[], sending: Sending): Promise<void> {
  const refunds = wave.filter(({ request }) => request.kind === 'refund')
  const payments = wave.filter(({ request }) => request.kind === 'payment')
  await Promise.all([
    sendPayments(payments, sending),
    forEach(refunds, (move) => sendRefund(move, move.request, sending)),
  ])
}

async function sendPayments(moves: readonly Move[], { asking, tally, newIds, givenBack }: Sending): Promise<void> {
  if (moves.length === 0) return
  const body = JSON.stringify({ payments: moves.map(({ request }) => request.body) })
  const results = await sendBatch(body, moves.length, asking)
  for (const [index, result] of results.entries()) {
    const { id } = moves[index] ?? {}
    if (id === undefined) continue
    asking.seen.note(result.position)
    if (result.status === 202) {
      tally.waiting += 1
      noteReason(tally, id, 'it needs a second person there')
    } else if (result.status < 300) {
      tally.done += 1
      if (result.replayed) tally.replayed += 1
      if (givenBack.has(id)) newIds.set(id, PaymentId.parse(result.payment?.paymentId))
    } else {
      tally.refused += 1
      noteReason(tally, id, reasonOf(result))
    }
  }
}

async function sendRefund({ id }: Move, request: PaymentRequest, { asking, tally, newIds }: Sending): Promise<void> {
  if (request.kind !== 'refund') return
  const { idempotencyKey, ...body } = request.body
  const original = newIds.get(request.of)
  if (original === undefined) {
    tally.refused += 1
    return noteReason(tally, id, `${request.of}, which it gives back, was not moved`)
  }
  const asked = await ask(asking, `/v1/payments/${original}/refund`, idempotencyKey, body)
  if (asked.kind === 'done') {
    tally.done += 1
    if (asked.replayed) tally.replayed += 1
  } else if (asked.kind === 'waiting') {
    tally.waiting += 1
    noteReason(tally, id, 'it needs a second person there')
  } else {
    tally.refused += 1
    noteReason(tally, id, asked.reason)
  }
}
