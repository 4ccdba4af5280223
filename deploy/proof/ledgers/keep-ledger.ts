import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { LogRecord } from '@micropay/event-log/event-log'
import { openEventLog } from '@micropay/event-log/open-event-log'
import { readRunning } from '@micropay/local/running'
import { freePort } from '@micropay/local/stores/free-port'
import { type Postgres, startPostgres } from '@micropay/local/stores/postgres'
import { systemClock } from '@micropay/runtime/clock'
import { createLogger } from '@micropay/runtime/logger'
import { Client } from 'pg'
import { databaseAsText } from './database-text.ts'
import { peopleOf, readAccesses, readFacts, send, verify } from './facts.ts'
import { type Answered, type DatabaseKept, type Facts, filesIn, type Sent, writeKept } from './kept-ledger.ts'
import { story } from './story.ts'

/**
 * `npx pnpm@12 keep:ledger CHECKOUT DIRECTORY`: books a small ledger with the code of another checkout of MicroPay (one
 * with its dependencies installed), and keeps it in that directory for kept-ledgers.int-test.ts: what it appended, what
 * it stored, and what it answered. Done before a stored shape changes, with the code of before.
 */
const { positionals } = parseArgs({ allowPositionals: true })
const [checkout, into] = positionals
if (checkout === undefined || into === undefined) throw new Error('usage: keep:ledger CHECKOUT DIRECTORY')

const home = await mkdtemp(join(tmpdir(), 'micropay-kept-'))
const log = createLogger('keep-ledger', 'warn')
const partition = 0
const stateDirectory = join(home, 'state', 'postgres', 'write-side')
try {
  const installation = await settle(home)
  const before = await whileStarted((running) => book(running, story.before))
  await withPostgres(spoilAndResume)
  const facts = await whileStarted(async (running) => {
    await appendLate(running.logEnvironment)
    const after = await book(running, story.after)
    const answered = [...before, ...after]
    await untilHeartbeat(running.logEnvironment)
    return { answered, ...(await factsOf(running, answered)) }
  })
  await writeKept(resolve(into), { installation, ...(await withPostgres(stored)), facts })
  process.stdout.write(`kept ${facts.verified.commits} commits in ${into}\n`)
} finally {
  await rm(home, { recursive: true, force: true })
}

type Started = NonNullable<Awaited<ReturnType<typeof readRunning>>>

/** Settings that are nobody's: they are published with the ledger. */
async function settle(directory: string): Promise<string> {
  const secret = (of: string) => `the ${of} of a ledger that is kept for tests alone`
  const settings = {
    ...{ id: 'kept0000', ledgerId: 'kept', createdOn: '2026-03-01' },
    ...{
      requestHashKey: secret('request hash key'),
      sessionKey: secret('session key'),
      cursorKey: secret('cursor key'),
    },
  }
  const text = `${JSON.stringify(settings, null, 2)}\n`
  await writeFile(join(directory, 'installation.json'), text, { mode: 0o600 })
  return text
}

/** Runs the other checkout's `start` around some work. */
async function whileStarted<Result>(work: (running: Started) => Promise<Result>): Promise<Result> {
  const program = resolve(checkout ?? '', 'deploy/local/start/start.ts')
  const child = spawn(process.execPath, [program, '--no-seed'], {
    env: { ...process.env, PORT: '0', LOG: 'postgres', MICROPAY_HOME: home },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const ended = once(child, 'exit')
  try {
    await Promise.race([once(child, 'message'), ended])
    const running = await readRunning(home)
    if (running === undefined) throw new Error(`${program} did not start`)
    return await work(running)
  } finally {
    child.kill('SIGTERM')
    await ended
  }
}

async function book(running: Started, commands: readonly Sent[]): Promise<Answered[]> {
  const people = peopleOf(running)
  const answered: Answered[] = []
  for (const command of commands) {
    const { replayed, ...answer } = await send(people, command)
    assert.ok(!replayed && answer.status < 500, JSON.stringify(answer))
    answered.push(answer)
  }
  return answered.concat(await people.close().then(() => []))
}

async function factsOf(running: Started, answered: readonly Answered[]): Promise<Omit<Facts, 'answered'>> {
  const people = peopleOf(running)
  const position = answered.findLast((one) => one.position !== null)?.position ?? ''
  const read = await readFacts(people, position)
  const verified = await verify(running)
  const accesses = await readAccesses(people).finally(people.close)
  return { read, verified, accesses }
}

/** A record is overwritten while nothing runs, and a person accepts what the log holds now. */
async function spoilAndResume(postgres: Postgres): Promise<void> {
  const logEnvironment = { LOG: 'postgres', LOG_DATABASE_URL: postgres.url('micropay_log') }
  await withLog(logEnvironment, async (eventLog) => {
    const appender = await eventLog.openAppender(partition)
    const spoilt = { key: 'ada:main', value: Buffer.from('{"specversion":"1.0","type":"micropay.com') }
    await appender.append([spoilt]).finally(() => appender.close())
  })
  const program = resolve(checkout ?? '', 'deploy/cli/main.ts')
  const decision = ['--actor', 'sam', '--reason', 'a disk was lost', '--yes']
  const child = spawn(process.execPath, [program, 'resume', '--state', stateDirectory, ...decision], {
    env: {
      ...{ ...process.env, MICROPAY_HOME: home, ...logEnvironment },
      ...{
        ACCOUNTS_DATABASE_URL: postgres.url('micropay_accounts'),
        AUDIT_DATABASE_URL: postgres.url('micropay_audit'),
      },
      RECONCILIATION_DATABASE_URL: postgres.url('micropay_reconciliation'),
    },
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  const [code] = await once(child, 'exit')
  assert.equal(code, 0, 'resume failed')
}

/** What a deposed worker had on its way: the last commit of the first claim arrives once more, behind the next. */
async function appendLate(logEnvironment: Started['logEnvironment']): Promise<void> {
  await withLog(logEnvironment, async (eventLog) => {
    const records = await recordsOf(eventLog)
    const last = records.findLast(({ value }) => Buffer.from(value).includes('"micropay.commit.v1"'))
    assert.ok(last, 'something was booked')
    const appender = await eventLog.openAppender(partition)
    await appender.append([{ key: last.key, value: last.value }]).finally(() => appender.close())
  })
}

/** An owner without work shows that it is alive. */
async function untilHeartbeat(logEnvironment: Started['logEnvironment']): Promise<void> {
  await withLog(logEnvironment, async (eventLog) => {
    for await (const records of eventLog.read(partition, 0n, { signal: systemClock.deadline(60_000) })) {
      if (records.some(({ value }) => Buffer.from(value).includes('"micropay.heartbeat.v1"'))) return
    }
    throw new Error('no heartbeat within a minute')
  })
}

type Log = ReturnType<typeof openEventLog>

async function withLog<Result>(environment: Started['logEnvironment'], work: (log: Log) => Promise<Result>) {
  const eventLog = openEventLog(
    { ...{ LOG: 'postgres', KAFKA_TOPIC: '', KAFKA_REPLICATION: 1 }, LOG_DATABASE_URL: environment.LOG_DATABASE_URL },
    log,
  )
  return work(eventLog).finally(() => eventLog.close())
}

async function recordsOf(eventLog: Log): Promise<LogRecord[]> {
  const until = await eventLog.end(partition)
  const records: LogRecord[] = []
  for await (const some of eventLog.read(partition, 0n, { signal: new AbortController().signal, until })) {
    records.push(...some)
  }
  return records
}

/** What lies in the state directory and in the databases, once nothing writes there any more. */
async function stored(postgres: Postgres) {
  const text = async (name: DatabaseKept) => {
    const client = new Client({ connectionString: postgres.url(`micropay_${name}`) })
    await client.connect()
    return databaseAsText(client, ['event_log.records']).finally(() => client.end())
  }
  const databases = {
    ...{ log: await text('log'), accounts: await text('accounts') },
    ...{ reconciliation: await text('reconciliation'), audit: await text('audit') },
  }
  const records = await withLog({ LOG_DATABASE_URL: postgres.url('micropay_log') }, recordsOf)
  const files = [...(await filesIn(stateDirectory))]
  return { databases, records, state: new Map(files.filter(([path]) => !path.endsWith('lock.mdb'))) }
}

/** The server of the databases alone. */
async function withPostgres<Result>(work: (postgres: Postgres) => Promise<Result>): Promise<Result> {
  const postgres = await startPostgres({ dataDirectory: join(home, 'postgres'), port: await freePort() })
  return work(postgres).finally(() => postgres.stop())
}
