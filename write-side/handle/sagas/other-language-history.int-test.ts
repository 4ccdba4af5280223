import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { idOn } from '@micropay/event-log/across.fixture'
import { appendResume } from '@micropay/event-log/append-resume'
import type { EventLog } from '@micropay/event-log/event-log'
import { foldToEnd, readRecords } from '@micropay/event-log/log-reading.fixture'
import { openPostgresLog } from '@micropay/event-log/postgres/event-log'
import { openPostgresInbox } from '@micropay/event-log/postgres/inbox'
import { testPostgres } from '@micropay/local/stores/test-services'
import { systemClock } from '@micropay/runtime/clock'
import { createLogger } from '@micropay/runtime/logger'
import { openPool } from '@micropay/runtime/pool'
import type { TestDatabase } from '@micropay/runtime/test-database.fixture'
import { verifyAcross } from '../../verify/across/verify-across.ts'
import { ledgerId, paying } from '../owner.fixture.ts'
import { readAll } from './other-language.fixture.ts'
import { startLedger } from './sagas.contract.ts'

const partitions = 4
const [ada, ben, cid] = [idOn(3, partitions, 'ada'), idOn(1, partitions, 'ben'), idOn(2, partitions, 'cid')]
const wait = { wait: { ms: 20_000 } }
const log = createLogger('test', 'silent')
const signal = new AbortController().signal

let database: TestDatabase
before(async () => {
  database = await testPostgres()
})
after(() => database.close())

const options = () => ({ url: database.url, clock: systemClock, log })
const started = () =>
  startLedger(async () => () => ({ log: openPostgresLog(options()), inbox: openPostgresInbox(options()) }))

/** Behind the first so many records of a partition nothing is left, and a person accepts that. */
async function lose(eventLog: EventLog, partition: number, kept: number): Promise<void> {
  const pool = openPool(database.url, log, { max: 1, application_name: 'tests' })
  await pool.query('delete from event_log.records where partition = $1 and "offset" >= $2', [partition, kept])
  await pool.query('update event_log.partitions set next_offset = $2 where partition = $1', [partition, kept])
  await pool.end()
  await appendResume(eventLog, partition, {
    ...{ ledgerId, actor: 'sam', reason: 'a disk was lost', aboveSeq: 999, aboveEpoch: 0, clock: systemClock, signal },
  })
}

test('a reader in another language finds no fault in what partitions make good of lost history', {
  timeout: 120_000,
}, async () => {
  const eventLog = openPostgresLog(options())
  await eventLog.prepare(partitions)
  const inbox = openPostgresInbox(options())
  await inbox.prepare(partitions)
  await inbox.close()
  const ledger = await started()
  await ledger.open('1000')
  const paid = await ledger.submit(paying('p1', ada, ben, '60', wait))
  await ledger.submit(paying('p2', ben, cid, '10', wait))
  await ledger.quiet()
  await ledger.stop()
  const records = await readRecords(eventLog, 1, 0n, Number(await eventLog.end(1)))
  // Ben was paid, and has paid, in what is gone.
  const end = records.findIndex(({ value }) => Buffer.from(value).toString().includes('"LegsPosted"'))
  await lose(eventLog, 1, end)

  const again = await started()
  for (let turn = 0; turn < 400; turn += 1) {
    const { folded } = await foldToEnd(eventLog, 1)
    const commits = folded.flatMap((each) => (each.kind === 'counted' ? each.commit.events : []))
    if (commits.filter(({ type }) => type === 'HistoryAnswered').length === partitions - 1) break
    await systemClock.sleep(50)
  }
  await again.quiet()
  assert(paid.kind === 'accepted' && 'paymentId' in paid.answer, JSON.stringify(paid))
  const theirs = await readAll(database.url, `${paid.answer.paymentId}`)
  const ours = await verifyAcross(eventLog, { partitions, clock: systemClock, signal })
  await again.stop()
  await eventLog.close()
  assert.deepEqual([ours.faults, theirs.faults, theirs.underWay], [[], [], []])
  assert(ours.givenUp > 0)
  assert.deepEqual(
    ours.madeGood.map(({ partition, kind, payments }) => [partition, kind, payments]),
    [
      [1, 'forced', 1],
      [2, 'written_off', 1],
      [3, 'reopened', 1],
    ],
  )
  assert.deepEqual(
    theirs.steps.map(({ step }) => step),
    ['settle', 'completed', 'reopened', 'forced', 'ended'],
  )
  const balances = Object.assign({}, ...theirs.partitions.flatMap(({ balances: own }) => Object.values(own)))
  assert.deepEqual([balances['suspense/2/EUR'], balances[cid]], ['-10', '10'])
  const left = Object.values(theirs.transit).filter((minor) => minor !== '0')
  assert.deepEqual(left, [])
})
