import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { NewRecord } from '@micropay/event-log/event-log'
import { createLedger, type FixtureLeg } from '@micropay/event-log/ledger.fixture'
import { decodeRecord } from '@micropay/schemas/log/ledger-record'
import type { RejectionCode } from '@micropay/schemas/log/rejection'
import fc from 'fast-check'
import { accountKey } from '../write/row-key.ts'
import { nothingKnown } from './batch.ts'
import { projectAccounts, touchedAccounts } from './project.ts'

const accountIds = ['ada', 'bob', 'eve', 'fee', 'tax']

/** What becomes of a payment among accounts that hold any balance. */
function project(write: (ledger: ReturnType<typeof createLedger>) => readonly NewRecord[]) {
  const ledger = createLedger()
  ledger.claim()
  const opened = accountIds.map((id) => ledger.open(id, { overdraftLimit: 'unlimited' }))
  const commits = [...opened, ...write(ledger)].flatMap(({ value }) => {
    const record = decodeRecord(value)
    return record.kind === 'commit' ? [record.commit] : []
  })
  const keys = accountIds.map((id) => accountKey('acme', id))
  assert.deepEqual([...touchedAccounts(commits)].sort(), keys)
  return projectAccounts(0, commits, nothingKnown)
}
const projectLegs = (legs: readonly FixtureLeg[]) => project((ledger) => [ledger.payLegs(legs)])

test('each leg is an entry of its number, with the balance after it and the only account on the other side', () => {
  const { entries, payments } = projectLegs([
    ['ada', -50],
    ['bob', 30],
    ['bob', 15, { stands: '45' }],
    ['fee', 5],
    ['eve', 0],
  ])
  assert.deepEqual(
    entries.map((entry) => [
      ...[entry.index, entry.account_id, entry.counterparty],
      ...[entry.amount_minor, entry.balance_after_minor],
    ]),
    [
      [0, 'ada', null, -50n, -50n],
      [1, 'bob', 'ada', 30n, 30n],
      [2, 'bob', 'ada', 15n, 45n],
      [3, 'fee', 'ada', 5n, 5n],
      [4, 'eve', null, 0n, 0n],
    ],
  )
  assert.deepEqual(JSON.parse(String(payments[0]?.legs))[2], {
    ...{ account: 'bob', amount: '15', currency: 'EUR', stands: '45' },
  })
})

test('where several stand on both sides, nobody is the counterparty', () => {
  const { entries } = projectLegs([
    ['ada', -50],
    ['bob', -10],
    ['fee', 20],
    ['tax', 40],
  ])
  assert.deepEqual(
    entries.map((entry) => entry.counterparty),
    [null, null, null, null],
  )
})

test('a refused payment of legs is listed for those that were to pay, zero too, up to the first unknown one', () => {
  const leg = (account: string, amount: string) => ({ account, amount, currency: 'EUR' })
  const legs = [leg('bob', '9'), leg('ada', '-5'), leg('fee', '0'), leg('eve', '-4')]
  const listed = (pointer: string | undefined, code: 'account_not_found' | 'insufficient_funds') => {
    const { entries, payments, refusedPayments } = project((ledger) => [ledger.refuse({ legs }, { code, pointer })])
    assert.deepEqual(entries, [])
    assert.deepEqual(JSON.parse(String(payments[0]?.legs)), legs)
    return refusedPayments.map((row) => row.account_id)
  }
  assert.deepEqual(listed('/legs/1/amount', 'insufficient_funds'), ['ada', 'fee', 'eve'])
  assert.deepEqual(listed('/legs/3/account', 'account_not_found'), ['ada', 'fee'])
  assert.deepEqual(listed('/legs/0/account', 'account_not_found'), [])
})

test('a refused payment keeps of which accounts it was refused for one', () => {
  const posting = { from: 'ada', to: 'bob', amount: '1', currency: 'EUR' }
  const request = { postings: [{ ...posting, to: 'eve' }, posting] }
  const kept = (code: RejectionCode, pointer?: string) =>
    project((ledger) => [ledger.refuse(request, { code, pointer })]).payments[0]?.rejection_accounts
  assert.equal(kept('account_frozen', '/postings/1/to'), '["bob"]')
  assert.equal(kept('account_frozen', '/postings/0/from'), '["ada"]')
  assert.equal(kept('currency_mismatch', '/postings/0/currency'), '["ada","eve"]')
  assert.equal(kept('insufficient_funds', '/postings/0/amount'), '["ada"]')
  assert.equal(kept('balance_overflow'), '["ada","eve","bob"]')
  assert.equal(kept('period_closed', '/effectiveAt'), null)
})

/** The last leg takes what the others leave. */
const randomLegs = fc
  .array(fc.tuple(fc.constantFrom(...accountIds), fc.bigInt({ min: -(10n ** 13n), max: 10n ** 13n })), {
    ...{ minLength: 1, maxLength: 12 },
  })
  .map((legs) => [...legs, ['fee', -legs.reduce((sum, [, minor]) => sum + minor, 0n)] as const])

test('whatever the legs, an account ends where its last entry does, which is where all of them add up to', () => {
  fc.assert(
    fc.property(fc.array(randomLegs, { maxLength: 10 }), (paid) => {
      const { accounts, entries } = project((ledger) => paid.map((legs) => ledger.payLegs(legs)))
      for (const account of accounts) {
        const own = entries.filter((entry) => entry.account_id === account.account_id)
        assert.equal(own.at(-1)?.balance_after_minor ?? 0n, account.balance_minor)
        assert.equal(
          own.reduce((sum, entry) => sum + entry.amount_minor, 0n),
          account.balance_minor,
        )
      }
      assert.deepEqual(
        entries.map((entry) => entry.index),
        paid.flatMap((legs) => legs.map((_, index) => index)),
      )
    }),
    { numRuns: 50 },
  )
})
