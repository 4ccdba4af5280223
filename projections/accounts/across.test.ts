import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { createPartitions, idOn } from '@micropay/event-log/across.fixture'
import type { NewRecord } from '@micropay/event-log/event-log'
import { decodeRecord } from '@micropay/schemas/log/ledger-record'
import { nothingKnown as noneKnown } from '../reconciliation/batch.ts'
import { projectReconciliation } from '../reconciliation/project.ts'
import { nothingKnown } from './batch.ts'
import { decidedPayments, projectAccounts, touchedAccounts } from './project.ts'

const [ada, fee, ben, cid] = [idOn(0, 3, 'ada'), idOn(0, 3, 'fee'), idOn(1, 3, 'ben'), idOn(2, 3, 'cid')]

function opened() {
  const ledger = createPartitions(3)
  for (const account of [ada, fee, ben, cid]) ledger.open(account)
  return ledger
}

function commitsIn(records: readonly NewRecord[] = []) {
  return records.flatMap(({ value }) => {
    const record = decodeRecord(value)
    return record.kind === 'commit' ? [record.commit] : []
  })
}

function project(ledger: ReturnType<typeof createPartitions>, partition: number) {
  const commits = commitsIn(ledger.records[partition])
  const changes = projectAccounts(partition, commits, nothingKnown)
  const stands = changes.accounts.map(({ account_id, balance_minor, held_minor, due_minor }) => {
    return [account_id, [balance_minor, held_minor, due_minor].join(' ')]
  })
  return { ...changes, stands: Object.fromEntries(stands), commits }
}

test('what is promised is held or due, and no balance yet', () => {
  const ledger = opened()
  const payment = ledger.begin([
    [ada, -300],
    [ben, 300],
  ])
  payment.prepare(1)
  const [from, to] = [project(ledger, 0), project(ledger, 1)]
  assert.deepEqual([from.stands[ada], to.stands[ben]], ['0 300 0', '0 0 300'])
  assert.deepEqual([from.entries, to.entries, from.payments], [[], [], []])
  const [row] = from.acrossPayments
  assert.deepEqual(
    [row?.payment_id, row?.status, row?.deadline, row?.decided_at, row?.kind],
    [payment.paymentId, 'pending', '2026-03-01T09:01:00.000Z', '2026-03-01T09:00:02.000Z', null],
  )
  assert.deepEqual(to.acrossPayments, [])
})

test("what is posted moves balances and lets go of promises; transit accounts are nobody's", () => {
  const ledger = opened()
  const payment = ledger.begin(
    [
      [ada, -300],
      [fee, 10],
      [ben, 290],
    ],
    { reference: 'rent' },
  )
  payment.prepare(1)
  payment.complete()
  payment.post(1)
  payment.end()
  const [from, to] = [project(ledger, 0), project(ledger, 1)]
  assert.deepEqual([from.stands, to.stands], [{ [ada]: '-300 0 0', [fee]: '10 0 0' }, { [ben]: '290 0 0' }])
  assert.deepEqual(
    [...from.entries, ...to.entries].map((entry) => [entry.account_id, entry.index, entry.nth, entry.amount_minor]),
    [
      [ada, 0, 0, -300n],
      [fee, 1, 0, 10n],
      [ben, 0, 0, 290n],
    ],
  )
  const [row] = from.acrossPayments
  assert.deepEqual([row?.status, row?.kind, row?.reference], ['posted', 'payment', 'rent'])
  assert.deepEqual(
    from.postedAcross.map((each) => [each.account_id, each.partition, each.seq]),
    [
      [ada, 0, 3n],
      [fee, 0, 3n],
      [ben, 0, 3n],
    ],
  )
  assert.deepEqual([...touchedAccounts(to.commits)], [`acme\0${ben}`])
  assert.deepEqual([...decidedPayments(from.commits)], [payment.paymentId])
})

test('who alone decides posts what was never promised', () => {
  const ledger = opened()
  ledger
    .begin([
      [ada, -300],
      [ben, 300],
    ])
    .post(1, false)
  assert.deepEqual(project(ledger, 1).stands, { [ben]: '300 0 0' })
})

test('one that fails is listed under those that it was certain may pay, and holds nothing', () => {
  const ledger = opened()
  const payment = ledger.begin([
    [ada, -200],
    [cid, -100],
    [ben, 300],
  ])
  payment.prepare(1)
  payment.fail({ code: 'insufficient_funds', detail: 'not enough', pointer: '/legs/1/amount' })
  payment.release(1)
  payment.refuse(2)
  const [from, to, other] = [project(ledger, 0), project(ledger, 1), project(ledger, 2)]
  assert.deepEqual([from.stands[ada], to.stands[ben], other.stands[cid]], ['0 0 0', '0 0 0', '0 0 0'])
  const [row] = from.acrossPayments
  assert.deepEqual(
    [row?.status, row?.rejection_code, row?.rejection_accounts],
    ['rejected', 'insufficient_funds', JSON.stringify([cid])],
  )
  assert.deepEqual(
    from.refusedPayments.map(({ account_id }) => account_id),
    [ada],
  )
  assert.deepEqual(from.postedAcross, [])
})

test('a batch that decides what another began goes on from the row that is known', () => {
  const ledger = opened()
  const payment = ledger.begin([
    [ada, -300],
    [ben, 300],
  ])
  const before = project(ledger, 0)
  payment.complete()
  const known = {
    accounts: new Map(before.accounts.map((row) => [`acme\0${row.account_id}`, row])),
    acrossPayments: new Map(before.acrossPayments.map((row) => [row.payment_id, row])),
  }
  const { acrossPayments, accounts } = projectAccounts(
    0,
    commitsIn(ledger.records[0]).slice(before.commits.length),
    known,
  )
  assert.deepEqual(
    acrossPayments.map(({ status, seq }) => [status, seq]),
    [['posted', 3n]],
  )
  assert.deepEqual(
    accounts.map(({ held_minor }) => held_minor),
    [0n],
  )
  assert.equal(before.acrossPayments[0]?.status, 'pending')
})

test('what was never begun is not decided', () => {
  const ledger = opened()
  const payment = ledger.begin([
    [ada, -300],
    [ben, 300],
  ])
  payment.complete()
  const [, decided] = commitsIn(ledger.records[0]).slice(-2)
  assert.throws(
    () => projectAccounts(0, decided ? [decided] : [], nothingKnown),
    /0:4 decides pay-0-3, which was never/,
  )
})

test('what is written off stands on a suspense account, which begins with it', () => {
  const folder = join(import.meta.dirname, '../../schemas/log/fixtures')
  const { bytes } = JSON.parse(readFileSync(join(folder, 'legs-written-off.v1.json'), 'utf8'))
  const commits = commitsIn([{ key: '', value: new TextEncoder().encode(bytes) }])
  const { accounts, entries } = projectAccounts(3, commits, nothingKnown)
  const [suspense] = accounts
  assert.deepEqual([accounts.length, suspense?.account_id, suspense?.balance_minor], [1, 'suspense/3/EUR', -700n])
  assert.deepEqual([suspense?.type, suspense?.owner, suspense?.partition], ['internal', 'house:suspense', 3])
  assert.deepEqual(
    entries.map(({ payment_id, balance_after_minor }) => [payment_id, balance_after_minor]),
    [['pay-1-953', -700n]],
  )
  const ledger = projectReconciliation({ partition: 3, commits, known: noneKnown, isLoading: false })
  assert.deepEqual(
    ledger.accounts.map(({ account_id, balance_minor }) => [account_id, balance_minor]),
    [['suspense/3/EUR', -700n]],
  )
  assert.deepEqual(
    ledger.transits.map(({ other, balance }) => [other, balance]),
    [[1, 700n]],
  )
})

test('a payment that is opened again is under way once more, and what its caller was told stays', () => {
  const ledger = opened()
  const payment = ledger.begin([
    [ada, -300],
    [ben, 300],
  ])
  const begun = commitsIn(ledger.records[0])
  const [first] = begun.at(-1)?.events ?? []
  assert(first?.type === 'PaymentInitiated')
  const { legs, participants, mayBook, effectiveAt, deadline, paymentId } = first.data
  const data = { paymentId, legs, participants, mayBook, effectiveAt, deadline, asks: [1] }
  const again = {
    ...begun.at(-1),
    events: [{ type: 'PaymentReopened', version: 1, data: { ...data, outcome: 'completed' } }],
  }
  const commits = [...begun, again as never]
  const { acrossPayments } = projectReconciliation({ partition: 0, commits, known: noneKnown, isLoading: false })
  assert.deepEqual(
    acrossPayments.map(({ payment_id, state }) => [payment_id, state]),
    [[payment.paymentId, 'posting']],
  )
})

test('what was posted again by force is below its limit until it is within it once more', () => {
  const ledger = createPartitions(3)
  for (const account of [ada, fee, ben]) ledger.open(account, { overdraftLimit: '100' })
  const legs = [
    [ada, -300],
    [ben, 300],
  ] as const
  const payment = ledger.begin(legs)
  payment.complete()
  payment.reopen([1])
  const refund = ledger.begin([legs[1], legs[0]].map(([account, amount]) => [account, -amount] as const))
  refund.force(0)
  const row = () => project(ledger, 0).accounts.find(({ account_id }) => account_id === ada)
  assert.deepEqual([row()?.balance_minor, row()?.forced_at], [0n, null])
  const other = ledger.begin([
    [ben, 0],
    [ada, -150],
    [fee, 150],
  ])
  other.force(0)
  assert.deepEqual([row()?.balance_minor, row()?.forced_at], [-150n, '2026-03-01T09:00:06.000Z'])
  ledger.write(0, ledger.ledgerOf(0).pay([[fee, ada, 49]]))
  assert.equal(row()?.forced_at, '2026-03-01T09:00:06.000Z')
  ledger.write(0, ledger.ledgerOf(0).pay([[fee, ada, 1]]))
  assert.equal(row()?.forced_at, null)
  ledger.write(0, ledger.ledgerOf(0).pay([[ada, fee, 50]]))
  assert.equal(row()?.forced_at, null, 'it is below its limit by no force')
})

test('what has no account any more, and what is written off, stands in suspense', () => {
  const ledger = opened()
  const gone = ledger.begin(
    [
      [ada, -70],
      [ben, 70],
    ],
    { lostAt: 900 },
  )
  gone.post(1, false)
  gone.writeOff(1)
  const suspense = 'suspense/1/EUR'
  assert.deepEqual(project(ledger, 1).stands, { [ben]: '70 0 0', [suspense]: '-70 0 0' })
  const payment = ledger.begin([
    [ada, -30],
    [ben, 30],
  ])
  payment.force(1, true)
  const { stands, accounts, entries, postedLegs } = project(ledger, 1)
  assert.equal(postedLegs.length, 3, 'a balance by booking of a past day goes by all of them')
  assert.deepEqual(stands, { [ben]: '70 0 0', [suspense]: '-40 0 0' })
  const row = accounts.find(({ account_id }) => account_id === suspense)
  assert.deepEqual([row?.type, row?.currency, row?.partition, row?.overdraft_limit], ['internal', 'EUR', 1, null])
  assert.deepEqual(
    entries.filter(({ account_id }) => account_id === suspense).map((entry) => [entry.payment_id, entry.amount_minor]),
    [
      [gone.paymentId, -70n],
      [payment.paymentId, 30n],
    ],
  )
  // Staff settle it by a payment like any other.
  ledger.write(1, ledger.ledgerOf(1).pay([[ben, suspense, 40]]))
  assert.equal(project(ledger, 1).stands[suspense], '0 0 0')
})
