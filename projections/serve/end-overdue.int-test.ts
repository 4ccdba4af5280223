import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { createLedger } from '@micropay/event-log/ledger.fixture'
import { createLogger } from '@micropay/runtime/logger'
import { openPool } from '@micropay/runtime/pool'
import { Client, type Pool } from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import {
  balancesOf,
  begunSchema,
  eventually,
  liveSchema,
  reached,
  startProjections,
} from '../versions/projections.fixture.ts'
import { beginRebuild } from '../versions/rebuild.ts'
import { startWorker, type Worker } from './worker.ts'

const APPLICATION = 'projections/accounts'
const STATEMENT_MS = 3_000
/** The bound, the next look, and the step back of whoever waited. */
const HEALS_WITHIN_MS = STATEMENT_MS + 7_000

let projections: Awaited<ReturnType<typeof startProjections>>
let pool: Pool
let worker: Worker
let ledger: ReturnType<typeof createLedger>
let clients: Client[]
let logged: string[]

beforeEach(async () => {
  projections = await startProjections()
  const options = { max: 9, statement_timeout: STATEMENT_MS, application_name: APPLICATION }
  pool = openPool(projections.databaseUrl, projections.logger, options)
  logged = []
  clients = []
  const logger = createLogger('projections', 'warn', { write: (line) => void logged.push(line) })
  worker = startWorker({ ...projections, pool, logger })
  ledger = createLedger()
  const external = { type: 'external', overdraftLimit: 'unlimited' } as const
  await projections.append(ledger.genesis(), ledger.claim(), ledger.open('cash', external), ledger.open('ada'))
  await reached(projections.pool, 2)
})
afterEach(async () => {
  for (const client of clients) client.end().catch(() => undefined)
  await worker.close()
  await pool.end()
  await projections.close()
})

/** As a worker has one, but with none of its bounds: a process that stands still keeps to none. */
async function connect(application = APPLICATION): Promise<Client> {
  const client = new Client({ connectionString: projections.databaseUrl, application_name: application })
  client.on('error', () => undefined)
  clients.push(client)
  await client.connect()
  return client
}

/** Begins to copy, and sends nothing more. */
function standStillInCopy(client: Client, table: string): void {
  client.query(copyFrom(`copy ${table} from stdin (format binary)`)).on('error', () => undefined)
}

const isAlive = async (client: Client): Promise<boolean> => {
  const found = await projections.pool.query('select from pg_stat_activity where pid = $1', [pidOf(client)])
  return found.rowCount === 1
}

const pidOf = (client: Client): unknown => Reflect.get(client, 'processID')

const standsStill = (client: Client) =>
  eventually('it waits for its client', async () => {
    const { rowCount } = await projections.pool.query(
      `select from pg_stat_activity where pid = $1 and state = 'active' and wait_event = 'ClientRead'`,
      [pidOf(client)],
    )
    return rowCount === 1 ? true : undefined
  })

const pay = (times: number) =>
  projections.append(...Array.from({ length: times }, () => ledger.pay([['cash', 'ada', 1]])))

test('a worker that stands still while it copies keeps the next one from the checkpoint until its bound', async () => {
  const schema = await liveSchema(projections.pool)
  const holder = await connect()
  await holder.query('begin; select from projection.checkpoint for update')
  standStillInCopy(holder, `${schema}.entry`)
  await standsStill(holder)
  await pay(10)
  const late = AbortSignal.timeout(HEALS_WITHIN_MS)
  await reached(projections.pool, 12)
  assert.equal(late.aborted, false)
  assert.deepEqual(await balancesOf(projections.pool, schema ?? ''), { ada: '10', cash: '-10' })
  // Who waited for the locks may be faster than the answer that they were ended.
  const told = await eventually('it is said', async () =>
    logged.map((line) => JSON.parse(line)).find(({ backend }) => backend === pidOf(holder)),
  )
  assert.match(told.statement, /^copy accounts_v\d+_\d+\.entry from stdin/)
  assert.ok(told.ms >= STATEMENT_MS)
})

test('so does one that stands still before all of a statement was sent', async () => {
  const holder = await connect()
  await holder.query('begin; select from projection.checkpoint for update')
  holder.connection.parse({ name: '', text: 'select 1', types: [] }, true)
  holder.connection.flush()
  await standsStill(holder)
  await pay(10)
  const late = AbortSignal.timeout(HEALS_WITHIN_MS)
  await reached(projections.pool, 12)
  assert.equal(late.aborted, false)
})

test('a rebuild whose worker stands still while it copies is cleaned by the next one', async () => {
  const left = await beginRebuild(projections.pool, projections.projection, 1)
  const builder = await connect()
  await builder.query('begin; select from projection.checkpoint where log_offset = 0 for update')
  standStillInCopy(builder, `${left}.entry`)
  await standsStill(builder)
  const next = await eventually(
    'it can be rebuilt again',
    async () => begunSchema(worker.startRebuild()).catch(() => undefined),
    HEALS_WITHIN_MS,
  )
  await eventually('it is live', async () => ((await liveSchema(projections.pool)) === next ? true : undefined))
})

test('who is within the bound, works, is idle or is of another application is spared', async () => {
  const [working, other, idle, overdue] = [await connect(), await connect('psql'), await connect(), await connect()]
  const slept = working.query(`select pg_sleep(${(STATEMENT_MS + 3_000) / 1_000})`)
  for (const client of [other, overdue]) {
    await client.query('create temporary table filled (id int)')
    standStillInCopy(client, 'filled')
    await standsStill(client)
  }
  const startedMs = performance.now()
  await eventually('the one beyond it is ended', async () => ((await isAlive(overdue)) ? undefined : true))
  assert.ok(performance.now() - startedMs > STATEMENT_MS - 500)
  await slept
  assert.deepEqual(await Promise.all([working, other, idle].map(isAlive)), [true, true, true])
})
