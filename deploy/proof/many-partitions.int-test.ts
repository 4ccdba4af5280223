import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { systemClock } from '@micropay/runtime/clock'
import { makeTestDatabase, type TestDatabase } from '@micropay/runtime/test-database.fixture'
import { Pool } from 'pg'
import { type RunningService, startService } from './service.fixture.ts'

const PARTITIONS = 64
const directory = mkdtempSync(join(tmpdir(), 'micropay-many-partitions-'))
let database: TestDatabase
let observer: Pool
let worker: RunningService | undefined

before(async () => {
  database = await makeTestDatabase()
  observer = new Pool({ connectionString: database.url, max: 1 })
})
after(async () => {
  worker?.child.kill('SIGKILL')
  await rm(directory, { recursive: true, force: true })
  await observer.end()
  await database[Symbol.asyncDispose]()
})

test('a worker serves 64 new partitions, and rests with a handful of connections', async () => {
  worker = await start({ PARTITIONS: String(PARTITIONS) })
  await untilAllServed(worker, START_WITHIN_MS)
  assert.deepEqual(await claimsOf(), Array(PARTITIONS).fill(1))
  const { pid = 0 } = worker.child
  const { rows } = await observer.query<{ count: number }>(
    `select count(*)::int as count from pg_stat_activity
     where datname = current_database() and pid <> pg_backend_pid()`,
  )
  // Nine of the log, two of the leases, three of the inboxes, and two of what is parked.
  assert.ok((rows[0]?.count ?? 0) <= 16, `${rows[0]?.count} connections`)
  const files = readdirSync(`/proc/${pid}/fd`).length
  assert.ok(files <= 60 + 4 * PARTITIONS, `${files} open files`)
  const cpuMs = await cpuOver(pid, 10_000)
  assert.ok(cpuMs < 2_500, `${cpuMs} ms of processor in 10 s at rest`)
  const mebibytes = Number(/VmRSS:\s+([0-9]+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024
  assert.ok(mebibytes < 500, `${mebibytes} MiB`)
})

test('it takes them up again when it is started anew, and needs not be told how many there are', async () => {
  assert.ok(worker)
  assert.deepEqual(await ended(worker), [0, null])
  worker = await start({})
  await untilAllServed(worker, START_WITHIN_MS)
  assert.deepEqual(await ended(worker), [0, null])
})

test('one that is told another number ends, and says what to do', async () => {
  await assert.rejects(start({ PARTITIONS: '8' }), /ended before it listened/)
  assert.deepEqual(await claimsOf(), Array(PARTITIONS).fill(2))
})

const START_WITHIN_MS = 60_000

function start(env: NodeJS.ProcessEnv): Promise<RunningService> {
  return startService('worker', '../../write-side/main.ts', {
    ...{ LOG: 'postgres', LOG_DATABASE_URL: database.url, LEASE_DATABASE_URL: database.url },
    ...{ LEDGER_ID: 'many', WORKER_ID: 'many', STATE_DIRECTORY: directory },
    ...env,
  })
}

async function untilAllServed({ address }: RunningService, withinMs: number): Promise<void> {
  const untilMs = performance.now() + withinMs
  for (;;) {
    const said = await (await fetch(`${address}/health/ready`)).text()
    if (said === '{"status":"ready"}') return
    assert.ok(performance.now() < untilMs, said)
    await systemClock.sleep(100)
  }
}

async function ended({ child }: RunningService): Promise<unknown[]> {
  const exit = once(child, 'exit')
  child.kill('SIGTERM')
  return exit
}

/** How often each partition was claimed. */
async function claimsOf(): Promise<number[]> {
  const { rows } = await observer.query<{ claims: number }>(
    `select count(*) filter (where convert_from(value, 'UTF8') like '%"micropay.claim.%')::int as claims
     from event_log.records group by partition order by partition`,
  )
  return rows.map(({ claims }) => claims)
}

/** User and system time of a process in the next so many milliseconds. */
async function cpuOver(pid: number, durationMs: number): Promise<number> {
  const ticks = () => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
    return Number(fields[11]) + Number(fields[12])
  }
  const before = ticks()
  await systemClock.sleep(durationMs)
  return (ticks() - before) * 10
}
