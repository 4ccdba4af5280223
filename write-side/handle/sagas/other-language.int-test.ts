import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { idOn } from '@micropay/event-log/across.fixture'
import { openPostgresLog } from '@micropay/event-log/postgres/event-log'
import { openPostgresInbox } from '@micropay/event-log/postgres/inbox'
import { testPostgres } from '@micropay/local/stores/test-services'
import { systemClock } from '@micropay/runtime/clock'
import { createLogger } from '@micropay/runtime/logger'
import type { TestDatabase } from '@micropay/runtime/test-database.fixture'
import { verifyAcross } from '../../verify/across/verify-across.ts'
import { paying } from '../owner.fixture.ts'
import { readAll } from './other-language.fixture.ts'
import { startLedger } from './sagas.contract.ts'

const partitions = 4
const [ada, ben, cid] = [idOn(3, partitions, 'ada'), idOn(1, partitions, 'ben'), idOn(2, partitions, 'cid')]
const wait = { wait: { ms: 20_000 } }

let database: TestDatabase
before(async () => {
  database = await testPostgres()
})
after(() => database.close())

test('a reader in another language follows a payment over all partitions, and finds no fault', {
  timeout: 60_000,
}, async () => {
  const log = createLogger('test', 'silent')
  const options = { url: database.url, clock: systemClock, log }
  const ledger = await startLedger(async (count) => {
    const opened = openPostgresLog(options)
    await opened.prepare(count)
    const inbox = openPostgresInbox(options)
    await inbox.prepare(count)
    return () => ({ log: opened, inbox })
  })
  await ledger.open('1000')
  const paid = await ledger.submit(paying('settled', ada, ben, '60', wait))
  assert(paid.kind === 'accepted' && 'paymentId' in paid.answer)
  await ledger.submit(paying('refused', ada, idOn(1, partitions, 'nobody'), '1', wait))
  const legs = [
    { account: ada, amount: '-50', currency: 'EUR' },
    { account: ben, amount: '20', currency: 'EUR' },
    { account: cid, amount: '30', currency: 'EUR' },
  ]
  const command = { ...paying('spread', ada, ben, '50', wait).command, data: { legs } }
  const spread = await ledger.submit({ ...paying('spread', ada, ben, '50', wait), command } as never)
  assert(spread.kind === 'accepted' && 'paymentId' in spread.answer)
  await ledger.quiet()

  const theirs = await readAll(database.url, `${spread.answer.paymentId}`)
  const { signal } = new AbortController()
  const ours = await verifyAcross(ledger.log, { partitions, clock: systemClock, signal })
  await ledger.stop()
  assert.deepEqual([ours.faults, theirs.faults, theirs.underWay], [[], [], []])
  assert.equal(theirs.partitions.map(({ seq }, index) => `${index}:${seq}`).join(), ours.positions)
  const stopped = theirs.partitions.filter((one) => one.stopped !== null)
  assert.deepEqual(stopped, [])

  const all: Record<string, bigint> = {}
  for (const { balances } of theirs.partitions) {
    for (const own of Object.values(balances)) {
      const sum = Object.values(own).reduce((before, minor) => before + BigInt(minor), 0n)
      assert.equal(sum, 0n)
      for (const [account, minor] of Object.entries(own)) all[account] = (all[account] ?? 0n) + BigInt(minor)
    }
  }
  assert.deepEqual([all[ada], all[ben], all[cid]], [100n - 110n, 80n, 30n])
  assert.deepEqual(
    Object.values(theirs.transit).filter((minor) => minor !== '0'),
    [],
  )

  const said = theirs.steps.map(({ step, events }) => `${step}: ${events.join()}`)
  assert.deepEqual(said, [
    'prepare: PaymentInitiated,LegsPrepared',
    'prepared: LegsPrepared',
    'prepared: LegsPrepared',
    'completed: PaymentCompleted,LegsPosted',
    'posted: LegsPosted',
    'posted: LegsPosted',
    'ended: PaymentEnded',
  ])
  const [begun, ...rest] = theirs.steps
  assert.deepEqual(begun?.restsOn, [])
  assert(rest.every(({ restsOn }) => restsOn.length > 0))
})
