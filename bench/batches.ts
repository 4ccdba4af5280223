import { randomUUID } from 'node:crypto'
import { postingAt } from './payments.ts'
import type { Measure } from './report.ts'

export const BATCH = 5_000

type Target = { readonly url: string; readonly token: string }

export async function benchBatches(name: string, writeSide: Target, durationSeconds: number): Promise<Measure> {
  const { perSecond } = await sendBatches(writeSide, durationSeconds)
  return { name: `batches of ${BATCH.toLocaleString('en')}, ${name}`, perSecond }
}

/** Two clients that send batch after batch; throws when a payment is not posted. */
export async function sendBatches(
  writeSide: Target,
  durationSeconds: number,
): Promise<{ readonly answered: number; readonly perSecond: number }> {
  const started = performance.now()
  const until = started + durationSeconds * 1000
  let payments = 0
  const client = async () => {
    for (let batch = 0; performance.now() < until; batch += 1) {
      // Not `+= await`: that would add to what the sum was before the other client's batch.
      const posted = await sendBatch(writeSide, paymentsOf(batch))
      payments += posted
    }
  }
  await Promise.all([client(), client()])
  return { answered: payments, perSecond: payments / ((performance.now() - started) / 1000) }
}

/** A year of value dates, and operations, so that days, past balances and totals differ. */
const FIRST_DAY_MS = Date.UTC(2025, 0, 1)
const DAY_MS = 86_400_000
const operations = ['rent', 'salary', 'card', 'invoice']

/** Sends payments of a year in batches until the ledger holds that many more. */
export async function fillLedger(writeSide: Target, count: number): Promise<void> {
  let sent = 0
  const client = async () => {
    for (let batch = 0; sent < count; batch += 1) {
      sent += BATCH
      const dated = paymentsOf(batch).map((payment, index) => ({
        ...payment,
        effectiveAt: new Date(FIRST_DAY_MS + ((batch * BATCH + index) % 365) * DAY_MS).toISOString(),
        metadata: { operation: operations[index % operations.length] },
      }))
      await sendBatch(writeSide, dated)
    }
  }
  await Promise.all([client(), client()])
}

function paymentsOf(batch: number) {
  return Array.from({ length: BATCH }, (_, index) => ({
    idempotencyKey: randomUUID(),
    postings: [postingAt(batch * BATCH + index, false)],
    reference: `invoice ${batch * BATCH + index}`,
  }))
}

async function sendBatch({ url, token }: Target, payments: readonly object[]): Promise<number> {
  const answer = await fetch(`${url}/v1/payments/batch`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ payments }),
  })
  const text = await answer.text()
  const posted = text.split('"status":201').length - 1
  if (posted !== payments.length) {
    throw new Error(`a batch of ${payments.length} had ${posted} payments posted: ${text.slice(0, 300)}`)
  }
  return posted
}
