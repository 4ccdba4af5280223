import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { appendResume } from '@micropay/event-log/append-resume'
import type { LogRecord, NewRecord } from '@micropay/event-log/event-log'
import { createLedger } from '@micropay/event-log/ledger.fixture'
import { createMemoryStore, openMemoryLog } from '@micropay/event-log/memory/event-log'
import { systemClock } from '@micropay/runtime/clock'
import { projectionStatus } from '../serve/status.ts'
import type { Worker } from '../serve/worker.ts'
import {
  assertConsistent,
  balancesOf,
  begunSchema,
  eventually,
  liveSchema,
  reached,
  startProjections,
} from '../versions/projections.fixture.ts'

let projections: Awaited<ReturnType<typeof startProjections>>
let records: LogRecord[]
let ledger: ReturnType<typeof createLedger>

/** A book of 8 payments at 0:3 to 0:10, projected by a worker that has ended. */
beforeEach(async () => {
  const store = createMemoryStore(systemClock)
  projections = await startProjections(1, openMemoryLog(store))
  records = store.partitions[0] as LogRecord[]
  ledger = createLedger()
  await projections.append(ledger.genesis(), ledger.claim(), ...opened(), ...payments(8))
  const worker = projections.startWorker()
  await reached(projections.pool, 10)
  await worker.close()
})
afterEach(() => projections.close())

const opened = () => [ledger.open('cash', { type: 'external', overdraftLimit: 'unlimited' }), ledger.open('ada')]
const payments = (count: number) => Array.from({ length: count }, () => ledger.pay([['cash', 'ada', 1]]))

/** Puts records where others stood, as a backup that was restored does, or an editor. */
function replace(from: number, ...others: readonly NewRecord[]): void {
  records.splice(from)
  for (const { key, value } of others) records.push({ key, value, offset: BigInt(records.length) })
}

function change(at: number, from: string, to: string): void {
  const record = records[at] as LogRecord
  const text = new TextDecoder().decode(record.value)
  assert.ok(text.includes(from))
  records[at] = { ...record, value: new TextEncoder().encode(text.replace(from, to)) }
}

const live = async () => {
  const [first] = await projectionStatus(projections.pool, projections.log, systemClock)
  assert.ok(first)
  return first
}

/** It says everywhere that it stopped, and never that it has all. */
async function assertStopped(worker: Worker, reason: RegExp): Promise<void> {
  const status = await eventually(`it stopped: ${reason}`, async () => {
    const row = await live()
    return row.stopped === null ? undefined : row
  })
  assert.match(status.stopped ?? '', reason)
  assert.match(status.stopped ?? '', /docs\/operations.md says what to do$/)
  await eventually('the worker says so', async () =>
    /^partition 0 stopped: /.test(worker.troubledBy() ?? '') ? true : undefined,
  )
  assert.deepEqual([status.percent, status.ratePerSecond, status.lagRecords === 0], [null, 0, false])
  assert.deepEqual(await balancesOf(projections.pool, status.schema), { ada: '8', cash: '-8' }, 'it keeps what it has')
}

const accept = (aboveSeq: number) =>
  appendResume(projections.log, 0, {
    ...{ ledgerId: 'test-ledger', actor: 'sam', reason: 'a backup was restored', aboveSeq, aboveEpoch: 9 },
    ...{ clock: systemClock, signal: AbortSignal.timeout(20_000) },
  })

const anew = (count: number) => {
  ledger = createLedger()
  const begin = [ledger.genesis(), ledger.claim(), ...opened()]
  return [...begin, ...payments(count), ledger.heartbeat()]
}

const damages: readonly (readonly [title: string, damage: () => void, reason: RegExp])[] = [
  ['was cut', () => replace(8), /ends at offset 8, and up to 0:10/],
  ['is empty again', () => replace(0), /the log of partition 0 is empty, and up to 0:10/],
  [
    'was cut and has outgrown what was read of it',
    () => replace(0, ...anew(6), ledger.claim(), ...payments(20)),
    /the record at 0:10 .* is not the one that was read before/,
  ],
  ['has another last record', () => change(11, '"amount":"1"', '"amount":"9"'), /the record at 0:10 .* is not the one/],
]
for (const [title, damage, reason] of damages) {
  test(`a log that ${title} stops the projection, which stays stopped when it is started again`, async () => {
    damage()
    const worker = projections.startWorker()
    await assertStopped(worker, reason)
    await worker.close()
    await assertStopped(projections.startWorker(), reason)
  })
}

test('evidence in what comes stops a projection that follows: what is before it is applied', async () => {
  const worker = projections.startWorker()
  await eventually('it follows', async () => (worker.troubledBy() === undefined ? true : undefined))
  const [next] = payments(1)
  const [, skips] = payments(2)
  await projections.append(next as NewRecord, skips as NewRecord)
  const status = await eventually('it stopped', async () => ((await live()).stopped === null ? undefined : live()))
  assert.match(status.stopped ?? '', /does not continue the hash chain at 0:13/)
  assert.equal(status.position, '0:11')
})

test('a log that is cut under a projection, and grows anew without a commit of its epoch, is noticed', async () => {
  await projections.append(ledger.claim(), ledger.claim())
  const worker = projections.startWorker()
  await eventually('it has read the claims', async () => ((await live()).appliedRecords === 14 ? true : undefined))
  // As after a restore: a worker claims an epoch that was claimed before, and all that it writes is void to who knows.
  const other = createLedger()
  for (const _ of [1, 2]) other.claim()
  const late = Array.from({ length: 30 }, () => other.pay([['cash', 'ada', 1]]))
  replace(10, other.heartbeat(), ...late)
  await projections.append(other.heartbeat())
  await assertStopped(worker, /is not the one that was read before/)
})

test('once a person has accepted the log as it is, what it gave up is built anew by itself', async () => {
  replace(8)
  const worker = projections.startWorker()
  await assertStopped(worker, /ends at offset 8/)
  const before = await liveSchema(projections.pool)
  const resume = await accept(10)
  const schema = await eventually('another version is live', async () => {
    const now = await liveSchema(projections.pool)
    return now === before ? undefined : now
  })
  assert.deepEqual(await balancesOf(projections.pool, schema), { ada: '4', cash: '-4' })
  await assertConsistent(projections.pool, schema, 4, 4)
  const status = await live()
  assert.deepEqual([status.stopped, status.position], [null, `0:${resume.seq}`])
  assert.ok(resume.seq > 10)
  await eventually('nothing is wrong', async () => (worker.troubledBy() === undefined ? true : undefined))
})

test('a changed byte that a person has accepted is passed over, by who follows and by a rebuild', async () => {
  const [first, second] = payments(2)
  await projections.append(first as NewRecord, second as NewRecord)
  change(12, '"amount":"-1"', '"amount":"-9"')
  change(12, '"amount":"1"', '"amount":"9"')
  const worker = projections.startWorker()
  await eventually('it stopped', async () => ((await live()).stopped === null ? undefined : true))
  assert.equal((await live()).position, '0:11')
  const resume = await accept(12)
  await reached(projections.pool, resume.seq)
  await eventually('nothing is wrong', async () => (worker.troubledBy() === undefined ? true : undefined))
  const rebuilt = await eventually('the rebuild begins', () => begunSchema(worker.startRebuild()))
  await eventually('it is live', async () => ((await liveSchema(projections.pool)) === rebuilt ? true : undefined))
  assert.deepEqual(await balancesOf(projections.pool, rebuilt ?? ''), { ada: '17', cash: '-17' })
})

test('a checkpoint of earlier code is compared, too, and kept as it is now', async () => {
  const { pool } = projections
  await pool.query('update projection.checkpoint set fold = null')
  const worker = projections.startWorker()
  await projections.append(...payments(1))
  await reached(pool, 11)
  const kept = await pool.query('select fold from projection.checkpoint')
  assert.deepEqual([kept.rows[0].fold.countedAt, kept.rows[0].fold.seqAtClaim], ['12', 0])
  await worker.close()
  await pool.query('update projection.checkpoint set fold = null')
  change(5, '"amount":"1"', '"amount":"9"')
  const next = projections.startWorker()
  const status = await eventually('it stopped', async () => ((await live()).stopped === null ? undefined : live()))
  assert.match(status.stopped ?? '', /the log up to 0:11 .* is not the one that was read before/)
  await next.close()
})
