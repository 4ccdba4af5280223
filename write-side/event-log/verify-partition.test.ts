import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '@micropay/runtime/clock'
import type { NewRecord } from './event-log.ts'
import { createLedger } from './ledger.fixture.ts'
import { createMemoryStore, openMemoryLog } from './memory/event-log.ts'
import { verifyPartition } from './verify-partition.ts'

async function verify(...records: readonly NewRecord[]) {
  const log = openMemoryLog(createMemoryStore())
  await log.prepare(1)
  if (records.length > 0) await (await log.openAppender(0)).append(records)
  return verifyPartition(log, 0, { clock: systemClock, signal: new AbortController().signal })
}

function openBook() {
  const ledger = createLedger()
  const book = [
    ledger.genesis(),
    ledger.claim(),
    ledger.open('cash', { type: 'external', overdraftLimit: 'unlimited' }),
    ledger.open('ada'),
  ]
  return { ledger, book }
}

const changed = ({ key, value }: NewRecord, from: string, to: string): NewRecord => ({
  key,
  value: new TextEncoder().encode(new TextDecoder().decode(value).replace(from, to)),
})

test('a log that adds up is sound, and every kind of record is counted', async () => {
  const { ledger, book } = openBook()
  const found = await verify(...book, ledger.pay([['cash', 'ada', 5]]), ledger.heartbeat(), ledger.claim())
  assert.equal(found.sound, true)
  const { records, commits, claims, heartbeats, seq, epoch, accounts, sums } = found
  assert.deepEqual(
    { records, commits, claims, heartbeats, seq, epoch, accounts, sums },
    {
      ...{ records: 7, commits: 3, claims: 2, heartbeats: 1, seq: 3, epoch: 2, accounts: 2 },
      sums: [{ currency: 'EUR', amount: '0' }],
    },
  )
})

test('what a deposed worker wrote late is void, and no fault', async () => {
  const { ledger, book } = openBook()
  const late = ledger.pay([['cash', 'ada', 5]])
  const found = await verify(...book, ledger.claim(), late, late)
  assert.equal(found.sound, true)
  assert.equal(found.voids.stale_epoch, 2)
  assert.deepEqual(found.voided[0], { reason: 'stale_epoch', epoch: 1, seq: 3 })
})

test('a commit that was changed breaks the chain at the one behind it', async () => {
  const { ledger, book } = openBook()
  const first = ledger.pay([['cash', 'ada', 5]])
  const second = ledger.pay([['cash', 'ada', 6]])
  const found = await verify(...book, changed(first, '"amount":"5"', '"amount":"9"'), second)
  assert.equal(found.sound, false)
  assert.deepEqual([found.faults[0]?.code, found.faults[0]?.seq, found.seq], ['chain_broken', 4, 3])
})

test('a commit that leaves a sum behind in a currency is a fault, though its chain holds', async () => {
  const { ledger, book } = openBook()
  const found = await verify(...book, ledger.open('usd', { currency: 'USD' }), ledger.pay([['cash', 'usd', 5]]))
  assert.equal(found.voids.chain_broken, 0)
  assert.deepEqual(
    found.faults.map(({ code, seq }) => [code, seq]),
    [
      ['unbalanced_commit', 4],
      ['unbalanced_commit', 4],
    ],
  )
  assert.deepEqual(found.sums, [
    { currency: 'EUR', amount: '-5' },
    { currency: 'USD', amount: '5' },
  ])
})

test('a commit that moves money on an account that was never opened is a fault', async () => {
  const { ledger, book } = openBook()
  const found = await verify(...book, ledger.pay([['cash', 'nobody', 5]]))
  assert.match(found.faults[0]?.detail ?? '', /nobody, which was never opened/)
})

test('a record that is none any more is a fault, and verification goes on behind it', async () => {
  const { ledger, book } = openBook()
  const broken = { key: 'x', value: new TextEncoder().encode('{"not":"a record"}') }
  const found = await verify(...book, broken, ledger.pay([['cash', 'ada', 5]]))
  assert.deepEqual([found.sound, found.records, found.faults[0]?.code], [false, 6, 'unreadable_record'])
})

test('an empty log has no hash and no fault', async () => {
  const found = await verify()
  assert.deepEqual([found.records, found.hash, found.ledgerId, found.sound], [0, '', null, true])
})
