import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { NewRecord } from '@micropay/event-log/event-log'
import { createLedger } from '@micropay/event-log/ledger.fixture'
import { decodeRecord } from '@micropay/schemas/log/ledger-record'
import { projectLimits, touchedAccounts } from './project.ts'

function commitsOf(records: readonly NewRecord[]) {
  return records
    .map(({ value }) => decodeRecord(value))
    .flatMap((record) => (record.kind === 'commit' ? [record.commit] : []))
}

test('an account has the limit that it was opened with, and what payments made of its balance', () => {
  const ledger = createLedger()
  ledger.claim()
  const opened = [ledger.open('ada', { overdraftLimit: '500' }), ledger.open('bank', { overdraftLimit: 'unlimited' })]
  const first = projectLimits(0, commitsOf(opened), new Map())
  assert.deepEqual(
    first.limits.map((row) => [row.account_id, row.overdraft_limit, row.balance_minor]),
    [
      ['ada', 500n, 0n],
      ['bank', null, 0n],
    ],
  )
  const known = new Map(first.limits.map((row) => [row.account_id, row]))
  const paid = commitsOf([ledger.pay([['ada', 'bank', 300]]), ledger.pay([['bank', 'ada', 50]])])
  assert.deepEqual([...touchedAccounts(paid)], ['ada', 'bank'])
  const second = projectLimits(0, paid, known)
  assert.deepEqual(
    second.limits.map((row) => [row.account_id, row.balance_minor]),
    [
      ['ada', -250n],
      ['bank', 250n],
    ],
  )
  assert.deepEqual(known.get('ada')?.balance_minor, 0n)
})

test('a payment on an account that was never opened stops the projection', () => {
  const ledger = createLedger()
  ledger.claim()
  const strange = commitsOf([ledger.open('ada'), ledger.pay([['ada', 'nobody', 1]])])
  assert.throws(() => projectLimits(0, strange, new Map()), /0:2 moves money on nobody, which was never opened/)
})
