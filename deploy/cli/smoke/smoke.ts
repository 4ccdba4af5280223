import assert from 'node:assert/strict'
import { systemClock } from '@micropay/runtime/clock'
import { Payment, PaymentAccepted } from '@micropay/schemas/api/payment'
import { type Answer, type LedgerClient, problemOf } from '@micropay/sdk/ledger-client'
import { z } from 'zod'

/** Two accounts for this alone, of the world outside: what is paid is paid back, so that both are as they were. */
const [here, there] = ['smoke:here', 'smoke:there'] as const
const currency = 'EUR'
const READY_TRIES = 60
const Ready = z.object({
  trouble: z.string().optional(),
  upstreams: z.record(z.string(), z.object({ status: z.string() })),
})

/** Pays one cent through the gateway, reads it back from the read side, and pays it back; an Error names the step. */
export async function smoke(ledger: LedgerClient, say: (line: string) => void): Promise<void> {
  const step = async <Result>(name: string, work: () => Promise<Result>): Promise<Result> => {
    const result = await work().catch((cause: unknown) => {
      throw new Error(`${name}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
    })
    say(`  ${name}`)
    return result
  }
  await step('the gateway is ready, and all behind it', () => untilReady(ledger))
  await step('the two accounts for this are there', () => openBoth(ledger))
  const key = `smoke-${systemClock.randomId()}`
  const paid = await step('a payment is posted', () => pay(ledger, key, here, there))
  await step('it is read back', () => checkRead(ledger, paid))
  await step('the same request again is the same payment', async () => {
    const again = await pay(ledger, key, here, there)
    assert.equal(again.paymentId, paid.paymentId, 'the same key made another payment')
  })
  await step('it is paid back', async () => checkRead(ledger, await pay(ledger, `${key}-back`, there, here)))
}

type Paid = { readonly paymentId: string; readonly position: string }

/** A second after a roll-out one of them may still be on its way. */
async function untilReady(ledger: LedgerClient): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await checkReady(ledger)
    } catch (error) {
      if (tries === READY_TRIES) throw error
      await systemClock.sleep(1000)
    }
  }
}

async function checkReady(ledger: LedgerClient): Promise<void> {
  const answer = await ledger.send({ method: 'GET', path: '/health/ready' })
  const { trouble, upstreams } = Ready.parse(okay(answer, 200).body)
  const away = Object.entries(upstreams).filter(([, { status }]) => status !== 'ready')
  const said = away.map(([name, { status }]) => `${name} is ${status}`)
  if (trouble !== undefined) said.push(trouble)
  if (said.length > 0) throw new Error(said.join(', '))
}

async function openBoth(ledger: LedgerClient): Promise<void> {
  for (const accountId of [here, there]) {
    const body = JSON.stringify({ accountId, type: 'external', currency, owner: 'house:smoke' })
    const headers = { 'idempotency-key': `open-${accountId}` }
    okay(await ledger.send({ method: 'POST', path: '/v1/accounts', headers, body }), 201)
  }
}

async function pay(ledger: LedgerClient, key: string, from: string, to: string): Promise<Paid> {
  const body = JSON.stringify({ postings: [{ from, to, amount: '1', currency }], metadata: { smoke: 'true' } })
  // Where the two are of different partitions, it is posted when both have it.
  const headers = { 'idempotency-key': key, prefer: 'wait=10' }
  const answer = okay(await ledger.send({ method: 'POST', path: '/v1/payments', headers, body }), 201)
  const { paymentId } = PaymentAccepted.parse(answer.body)
  return { paymentId: z.string().parse(paymentId), position: z.string().parse(answer.headers.position) }
}

async function checkRead(ledger: LedgerClient, { paymentId, position }: Paid): Promise<void> {
  const headers = { 'at-least': position, prefer: 'wait=10' }
  const answer = await ledger.send({ method: 'GET', path: `/v1/payments/${paymentId}`, headers })
  assert.equal(Payment.parse(okay(answer, 200).body).paymentId, paymentId)
}

function okay(answer: Answer, status: number): Answer {
  assert.equal(answer.status, status, problemOf(answer))
  return answer
}
