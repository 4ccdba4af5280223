import pg from 'pg'
import type { Ground } from './ledger.ts'
import { startReadModel } from './ledger.ts'

export type Measure = { readonly name: string; readonly figure: string; readonly ofFloor?: number }

type ReadModel = Awaited<ReturnType<typeof startReadModel>>

/** Follows a filled log from its beginning, live and as a rebuild, beside the floor: the same rows by one COPY into a bare table. */
export async function benchProjection(ground: Ground): Promise<{ measures: Measure[]; model: ReadModel }> {
  const started = performance.now()
  const model = await startReadModel(ground)
  await untilCaughtUp(model, ground.sreToken)
  const liveSeconds = (performance.now() - started) / 1000
  const client = new pg.Client({ connectionString: model.databaseUrl })
  await client.connect()
  try {
    const schema = (await client.query(`select schema_name from projection.version where state = 'live'`)).rows[0]
      .schema_name
    const payments = Number((await client.query(`select count(*) from ${schema}.payment`)).rows[0].count)
    const copySeconds = await copyFloor(client, schema)
    const rebuildSeconds = await rebuild(model, ground.sreToken)
    const perSecond = (seconds: number) => `${Math.round(payments / seconds).toLocaleString('en')} payments/s`
    const measures = [
      {
        name: `floor: the rows of ${payments.toLocaleString('en')} payments by COPY`,
        figure: perSecond(copySeconds),
        ofFloor: 1,
      },
      {
        name: 'projection from the beginning, live',
        figure: perSecond(liveSeconds),
        ofFloor: copySeconds / liveSeconds,
      },
      { name: 'rebuild beside the live one', figure: perSecond(rebuildSeconds), ofFloor: copySeconds / rebuildSeconds },
    ]
    return { measures, model }
  } finally {
    await client.end()
  }
}

/** The entries and payments as they stand, out to a file of the server and into tables without an index. */
async function copyFloor(client: pg.Client, schema: string): Promise<number> {
  let seconds = 0
  for (const table of ['entry', 'payment']) {
    await client.query(`create table public.floor_${table} (like ${schema}.${table})`)
    const file = `/tmp/micropay-floor-${process.pid}-${table}`
    await client.query(`copy ${schema}.${table} to '${file}'`)
    const started = performance.now()
    await client.query(`copy public.floor_${table} from '${file}'`)
    seconds += (performance.now() - started) / 1000
    await client.query(`drop table public.floor_${table}`)
    await client.query(`copy (select 1) to program 'rm ${file}'`)
  }
  return seconds
}

async function rebuild(model: ReadModel, token: string): Promise<number> {
  const started = performance.now()
  const headers = { authorization: `Bearer ${token}` }
  const answer = await fetch(`${model.projection.url}/v1/projections/accounts/rebuild`, {
    method: 'POST',
    headers: { ...headers },
  })
  if (answer.status !== 202) throw new Error(`the rebuild was not taken: ${answer.status} ${await answer.text()}`)
  const { schema } = await answer.json()
  for (;;) {
    const { items } = await (await fetch(`${model.projection.url}/v1/projections`, { headers })).json()
    if (items.some((item: { schema: string; state: string }) => item.schema === schema && item.state === 'live')) break
    await pause(50)
  }
  return (performance.now() - started) / 1000
}

async function untilCaughtUp(model: ReadModel, token: string): Promise<void> {
  for (;;) {
    const answer = await fetch(`${model.projection.url}/v1/projections`, {
      headers: { authorization: `Bearer ${token}` },
    })
    const { items } = await answer.json()
    const live = items.find((item: { state: string }) => item.state === 'live')
    if (live && live.lagRecords === 0 && live.position !== '0:0') return
    await pause(50)
  }
}

/** Payments at a steady rate; each is asked for with `At-Least` its position: from the command's answer to the read model's. */
export async function benchVisibility(
  model: ReadModel,
  writeSideUrl: string,
  token: string,
  perSecond: number,
  seconds: number,
): Promise<Measure[]> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
  const delays: number[] = []
  const waiting: Promise<void>[] = []
  const started = performance.now()
  for (let index = 0; index < perSecond * seconds; index += 1) {
    const due = started + (index * 1000) / perSecond
    if (performance.now() < due) await pause(due - performance.now())
    waiting.push(payAndRead(index))
  }
  await Promise.all(waiting)
  return [{ name: `visible after the answer, at ${perSecond} payments a second`, figure: percentiles(delays) }]

  async function payAndRead(index: number): Promise<void> {
    const posting = { from: `bench:${index % 500}`, to: `bench:${500 + (index % 500)}`, amount: '1', currency: 'EUR' }
    const body = JSON.stringify({ postings: [posting] })
    const paid = await fetch(`${writeSideUrl}/v1/payments`, {
      method: 'POST',
      headers: { ...headers, 'idempotency-key': `visible-${index}` },
      body,
    })
    const { paymentId } = await paid.json()
    const answered = performance.now()
    if (index % 10 !== 0) return
    const read = await fetch(`${model.queries.url}/v1/payments/${paymentId}`, {
      headers: { ...headers, 'at-least': paid.headers.get('position') ?? '', prefer: 'wait=5' },
    })
    await read.text()
    if (read.status !== 200) throw new Error(`payment ${paymentId} did not become visible: ${read.status}`)
    delays.push(performance.now() - answered)
  }
}

/** The queries behind the pages, one after the other, each 200 times on different accounts. */
export async function benchQueries(model: ReadModel, token: string): Promise<Measure[]> {
  const paths: readonly [string, (index: number) => string][] = [
    ['one account', (index) => `/v1/accounts/bench:${index % 1000}`],
    ['a page of accounts', (index) => `/v1/accounts?limit=50&type=${index % 2 ? 'customer' : 'external'}`],
    ['a statement page', (index) => `/v1/accounts/bench:${index % 1000}/entries?limit=50`],
    ['a page of payments of an account', (index) => `/v1/payments?limit=50&account=bench:${index % 1000}`],
    ['the latest payments', () => '/v1/payments?limit=50'],
    ['one payment', (index) => `/v1/payments/pay-0-${2000 + index}`],
  ]
  const measures: Measure[] = []
  for (const [name, pathOf] of paths) {
    const times: number[] = []
    for (let index = 0; index < 200; index += 1) {
      const started = performance.now()
      const answer = await fetch(`${model.queries.url}${pathOf(index)}`, {
        headers: { authorization: `Bearer ${token}` },
      })
      await answer.text()
      if (answer.status !== 200) throw new Error(`${pathOf(index)}: ${answer.status}`)
      times.push(performance.now() - started)
    }
    measures.push({ name: `query: ${name}`, figure: percentiles(times) })
  }
  return measures
}

function percentiles(times: readonly number[]): string {
  const sorted = [...times].sort((a, b) => a - b)
  const at = (share: number) => (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(1)
  return `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`
}

function pause(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs))
}
