import { type LoadResult, runLoad } from './load.ts'

export type Figure = {
  readonly name: string
  readonly perSecond: number
  readonly ofFloor: number
  readonly p50Ms?: number
  readonly p99Ms?: number
}

/** Accounts `bench:0` and so on, that payments go between. */
export const ACCOUNTS = 1_000
const BATCH = 5_000

/**
 * Single payments, uniform and on one hot account, straight to the write side and through the gateway, and batches; each beside the floor of
 * the same run. `connections` are measured on the write side, 64 also everywhere else.
 */
export async function benchPayments(
  bench: Bench,
  durationSeconds: number,
  connections: readonly number[],
): Promise<Figure[]> {
  const { floor, writeSide, gateway, token } = bench
  const figures: Figure[] = []
  const run = startRun(token)
  for (const count of connections) {
    const load = (url: string, hot: boolean, seconds = durationSeconds) =>
      runLoad({ url: `${url}/v1/payments`, connections: count, durationSeconds: seconds, request: run(hot) })
    await load(floor, false, 2)
    await load(writeSide, false, 3)
    const base = await load(floor, false)
    figures.push(figureOf(`floor: constant POST, ${count} connections`, base, base))
    figures.push(figureOf(`payments, uniform, ${count} connections`, await load(writeSide, false), base))
    figures.push(figureOf(`payments, one hot account, ${count} connections`, await load(writeSide, true), base))
    if (count === 64) {
      await load(gateway, false, 3)
      figures.push(figureOf('payments through the gateway, 64 connections', await load(gateway, false), base))
      figures.push(await benchBatches(writeSide, token, durationSeconds, base.perSecond))
    }
  }
  return figures
}

/** What is measured: URLs of the floor, the write side and the gateway, and a token that may book. */
export type Bench = {
  readonly floor: string
  readonly writeSide: string
  readonly gateway: string
  readonly token: string
}

function figureOf(name: string, result: LoadResult, floor: LoadResult): Figure {
  if (result.failed > 0) throw new Error(`${name}: ${result.failed} requests failed, so the figure means nothing`)
  return {
    name,
    perSecond: result.perSecond,
    ofFloor: result.perSecond / floor.perSecond,
    p50Ms: result.p50Ms,
    p99Ms: result.p99Ms,
  }
}

/** Each call makes requests with fresh idempotency keys. */
function startRun(token: string) {
  let runs = 0
  return (hot: boolean) => {
    runs += 1
    const prefix = `run-${runs}-`
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
    return (index: number) => ({
      body: JSON.stringify({ postings: [postingAt(index, hot)], reference: `invoice ${index}` }),
      headers: { ...headers, 'idempotency-key': `${prefix}${index}` },
    })
  }
}

/** Spread over all accounts, or all out of one and into one other. */
function postingAt(index: number, hot: boolean) {
  const from = hot ? 0 : (index * 7919) % ACCOUNTS
  const to = hot ? 1 : (from + 1 + (index % 97)) % ACCOUNTS
  return { from: `bench:${from}`, to: `bench:${to}`, amount: '100', currency: 'EUR' }
}

/** Two clients that send batch after batch, in payments a second. */
async function benchBatches(
  url: string,
  token: string,
  durationSeconds: number,
  floorPerSecond: number,
): Promise<Figure> {
  const until = performance.now() + durationSeconds * 1000
  const started = performance.now()
  let payments = 0
  const client = async (name: string) => {
    for (let batch = 0; performance.now() < until; batch += 1)
      payments += await sendBatch(url, token, `${name}-${batch}`)
  }
  await Promise.all([client('a'), client('b')])
  const perSecond = payments / ((performance.now() - started) / 1000)
  return {
    name: `batches of ${BATCH.toLocaleString('en')}, in payments`,
    perSecond,
    ofFloor: perSecond / floorPerSecond,
  }
}

/** Sends payments in batches until the ledger holds that many more. */
export async function fillLedger(url: string, token: string, count: number): Promise<void> {
  let sent = 0
  const client = async (name: string) => {
    for (let batch = 0; sent < count; batch += 1) {
      sent += BATCH
      await sendBatch(url, token, `fill-${name}-${batch}`)
    }
  }
  await Promise.all([client('a'), client('b')])
}

async function sendBatch(url: string, token: string, name: string): Promise<number> {
  const payments = Array.from({ length: BATCH }, (_, index) => ({
    idempotencyKey: `${name}-${index}`,
    postings: [postingAt(index, false)],
    reference: `invoice ${index}`,
  }))
  const answer = await fetch(`${url}/v1/payments/batch`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ payments }),
  })
  const text = await answer.text()
  const posted = text.split('"status":201').length - 1
  if (posted !== BATCH) throw new Error(`a batch of ${BATCH} had ${posted} payments posted: ${text.slice(0, 300)}`)
  return posted
}
