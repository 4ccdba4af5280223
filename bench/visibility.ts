import { request } from 'undici'
import { z } from 'zod'
import type { Service } from './processes.ts'
import { type Measure, pause, percentilesOf } from './report.ts'
import { type ModelName, modelNames } from './services.ts'

const PER_SECOND = 500
const WARM_UP_SECONDS = 3
const SECONDS = 30
/**
 * Every so many payments one is asked for in each read model; an auditor's answer reads the log itself, and auditors
 * are few.
 */
const askedEvery: Readonly<Record<ModelName, number>> = { accounts: 10, reconciliation: 10, audit: 250 }

/**
 * Payments at a steady rate; some are asked for in every read model with `At-Least` their position. The time is that
 * from the command's answer to the read model's, so it holds the query itself.
 */
export async function benchVisibility(visible: Visible): Promise<Measure[]> {
  const delays: Record<ModelName, number[]> = { accounts: [], reconciliation: [], audit: [] }
  const waiting: Promise<void>[] = []
  const count = PER_SECOND * (WARM_UP_SECONDS + SECONDS)
  const started = performance.now()
  for (let index = 0; index < count; index += 1) {
    const due = started + (index * 1000) / PER_SECOND
    if (performance.now() < due) await pause(due - performance.now())
    waiting.push(payAndRead(visible, index, delays))
  }
  await Promise.all(waiting)
  return modelNames.map((model) => ({
    name: `${model}: visible after the answer, at ${PER_SECOND} payments a second`,
    ...percentilesOf(delays[model]),
    figure: `${delays[model].length} asked for`,
  }))
}

export type Visible = {
  readonly writeSide: Service
  readonly queries: Readonly<Record<ModelName, Service>>
  /** The operator's, finance's and the auditor's tokens. */
  readonly tokens: { readonly olga: string; readonly fiona: string; readonly vera: string }
}

const PaymentAnswer = z.object({ paymentId: z.string() })

async function payAndRead(visible: Visible, index: number, delays: Record<ModelName, number[]>): Promise<void> {
  const { writeSide, queries, tokens } = visible
  const from = `bench:${index % 500}`
  const posting = { from, to: `bench:${500 + (index % 500)}`, amount: '1', currency: 'EUR' }
  const paid = await request(`${writeSide.url}/v1/payments`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${tokens.olga}`,
      'idempotency-key': `visible-${index}`,
    },
    body: JSON.stringify({ postings: [posting] }),
  })
  const { paymentId } = PaymentAnswer.parse(await paid.body.json())
  const answered = performance.now()
  const isWarm = index >= WARM_UP_SECONDS * PER_SECOND
  const position = String(paid.headers.position ?? '')
  const ask = async (model: ModelName, path: string, token: string) => {
    if (index % askedEvery[model] !== 0) return
    const read = await request(`${queries[model].url}${path}`, {
      headers: { authorization: `Bearer ${token}`, 'at-least': position, prefer: 'wait=5' },
    })
    const text = await read.body.text()
    if (read.statusCode !== 200) throw new Error(`${path} did not show ${position}: ${read.statusCode} ${text}`)
    if (isWarm) delays[model].push(performance.now() - answered)
  }
  await Promise.all([
    ask('accounts', `/v1/payments/${paymentId}`, tokens.olga),
    ask('reconciliation', `/v1/trial-balance/${from}/entries?limit=1`, tokens.fiona),
    ask('audit', `/v1/audit/payments/${paymentId}`, tokens.vera),
  ])
}
