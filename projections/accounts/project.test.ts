import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { NewRecord } from '@micropay/event-log/event-log'
import { createLedger } from '@micropay/event-log/ledger.fixture'
import type { Commit } from '@micropay/schemas/log/commit'
import { decodeRecord } from '@micropay/schemas/log/ledger-record'
import fc from 'fast-check'
import { accountKey } from '../write/row-key.ts'
import { nothingKnown } from './batch.ts'
import { projectAccounts } from './project.ts'
import type { NewAccount } from './tables.ts'

function commitsOf(records: readonly NewRecord[]): Commit[] {
  return records
    .map(({ value }) => decodeRecord(value))
    .flatMap((record) => (record.kind === 'commit' ? [record.commit] : []))
}

function balances(accounts: Iterable<NewAccount>): Record<string, bigint> {
  return Object.fromEntries([...accounts].map((account) => [account.account_id, account.balance_minor]))
}

function knownOf(accounts: Iterable<NewAccount>): Map<string, NewAccount> {
  return new Map([...accounts].map((account) => [accountKey(account.tenant, account.account_id), account]))
}

test('a payment moves its amount from one account to the other and gives each an entry', () => {
  const ledger = createLedger()
  ledger.claim()
  const records = [
    ledger.open('cash', { type: 'external', overdraftLimit: 'unlimited' }),
    ledger.open('ada'),
    ledger.pay([['cash', 'ada', 1050]], { kind: 'deposit', reference: 'wages' }),
  ]
  const changes = projectAccounts(0, commitsOf(records), nothingKnown)
  assert.deepEqual(balances(changes.accounts), { cash: -1050n, ada: 1050n })
  assert.deepEqual(
    changes.entries.map((entry) => [entry.account_id, entry.index, entry.amount_minor, entry.balance_after_minor]),
    [
      ['cash', 0, -1050n, -1050n],
      ['ada', 1, 1050n, 1050n],
    ],
  )
  const entry = changes.entries[1]
  assert.deepEqual(
    [entry?.payment_id, entry?.kind, entry?.counterparty, entry?.reference, entry?.decided_at],
    ['pay-0-3', 'deposit', 'cash', 'wages', '2026-03-01T09:00:02.000Z'],
  )
  assert.deepEqual(changes.refusedPayments, [])
})

test('running balances follow the order of postings within a payment', () => {
  const ledger = createLedger()
  ledger.claim()
  const records = ['ada', 'bob', 'eve'].map((id) => ledger.open(id, { overdraftLimit: 'unlimited' }))
  records.push(
    ledger.pay([
      ['ada', 'bob', 10],
      ['bob', 'eve', 4],
      ['eve', 'bob', 1],
    ]),
  )
  const { entries, accounts } = projectAccounts(0, commitsOf(records), nothingKnown)
  const ofBob = entries.filter((entry) => entry.account_id === 'bob')
  assert.deepEqual(
    ofBob.map((entry) => [entry.index, entry.amount_minor, entry.balance_after_minor]),
    [
      [1, 10n, 10n],
      [2, -4n, 6n],
      [5, 1n, 7n],
    ],
  )
  assert.deepEqual(balances(accounts), { ada: -10n, bob: 7n, eve: 3n })
})

test('a batch goes on from the balances that are known, and leaves the known rows as they were', () => {
  const ledger = createLedger()
  ledger.claim()
  const opened = [ledger.open('ada', { overdraftLimit: '500' }), ledger.open('bob')]
  const first = projectAccounts(0, commitsOf(opened), nothingKnown)
  const known = knownOf(first.accounts)
  const later = [ledger.pay([['ada', 'bob', 300]]), ledger.freeze('bob')]
  const second = projectAccounts(0, commitsOf(later), { ...nothingKnown, accounts: known })
  assert.deepEqual(balances(second.accounts), { ada: -300n, bob: 300n })
  assert.deepEqual(balances(known.values()), { ada: 0n, bob: 0n })
  const bob = second.accounts.find((account) => account.account_id === 'bob')
  assert.deepEqual([bob?.status, bob?.changed_seq, bob?.opened_at], ['frozen', 4n, '2026-03-01T09:00:01.000Z'])
})

test('freeze, unfreeze and close set the status', () => {
  const ledger = createLedger()
  ledger.claim()
  const records = [ledger.open('ada'), ledger.freeze('ada'), ledger.unfreeze('ada'), ledger.close('ada')]
  const statuses = records.map(
    (_, index) => projectAccounts(0, commitsOf(records.slice(0, index + 1)), nothingKnown).accounts[0]?.status,
  )
  assert.deepEqual(statuses, ['open', 'frozen', 'open', 'closed'])
})

test('a freeze says what it stops, until it is lifted', () => {
  const ledger = createLedger()
  ledger.claim()
  const records = [ledger.open('ada'), ledger.freeze('ada', 'outgoing'), ledger.freeze('ada'), ledger.unfreeze('ada')]
  const frozen = records.map(
    (_, index) => projectAccounts(0, commitsOf(records.slice(0, index + 1)), nothingKnown).accounts[0]?.frozen,
  )
  assert.deepEqual(frozen, [null, 'outgoing', 'all', null])
})

test('a change sets what it names, alone, and null takes it away', () => {
  const ledger = createLedger()
  ledger.claim()
  const details = { name: 'Ada', ownerReference: 'C-17', path: 'liabilities/vip', openedOn: '2019-04-01' }
  const records = [
    ledger.open('ada', details),
    ledger.change('ada', { name: 'Ada Byron', overdraftLimit: '500' }),
    ledger.change('ada', { ownerReference: null, path: null, overdraftLimit: 'unlimited' }),
  ]
  const stands = records.map((_, index) => {
    const [account] = projectAccounts(0, commitsOf(records.slice(0, index + 1)), nothingKnown).accounts
    return [account?.name, account?.owner_reference, account?.path, account?.overdraft_limit, account?.opened_on]
  })
  assert.deepEqual(stands, [
    ['Ada', 'C-17', 'liabilities/vip', 0n, '2019-04-01'],
    ['Ada Byron', 'C-17', 'liabilities/vip', 500n, '2019-04-01'],
    ['Ada Byron', null, 'liabilities/customers/eur', null, '2019-04-01'],
  ])
})

test('customers are paid by customers, and an account of the house once it is flagged', () => {
  const ledger = createLedger()
  ledger.claim()
  const records = [ledger.open('ada'), ledger.open('shop', { type: 'internal' }), ledger.flag('shop', true)]
  const paidBy = (until: number) =>
    projectAccounts(0, commitsOf(records.slice(0, until)), nothingKnown).accounts.map((account) => account.paid_by)
  assert.deepEqual(paidBy(2), ['customers', 'staff'])
  assert.deepEqual(paidBy(3), ['customers', 'customers'])
  records.push(ledger.flag('shop', false))
  assert.deepEqual(paidBy(4), ['customers', 'staff'])
})

test('the value date of a refused payment is kept to the millisecond, as that of an accepted one', () => {
  const ledger = createLedger()
  ledger.claim()
  const request = {
    postings: [{ from: 'ada', to: 'bob', amount: '5', currency: 'EUR' }],
    effectiveAt: '2026-02-01T10:00:00.123456+01:00',
  }
  const { payments } = projectAccounts(0, commitsOf([ledger.open('ada'), ledger.refuse(request)]), nothingKnown)
  assert.equal(payments[0]?.effective_at, '2026-02-01T09:00:00.123Z')
})

test('a refused payment is kept with its request and its reason, moves nothing, and is listed for the payer alone', () => {
  const ledger = createLedger()
  ledger.claim()
  const request = {
    postings: [{ from: 'ada', to: 'bob', amount: '999', currency: 'EUR' }],
    effectiveAt: '2026-02-27T10:00:00+01:00',
    reference: 'rent',
  }
  const records = [ledger.open('ada'), ledger.open('bob'), ledger.refuse(request, { detail: 'ada holds 0.00' })]
  const { accounts, entries, payments, refusedPayments } = projectAccounts(0, commitsOf(records), nothingKnown)
  assert.deepEqual(entries, [])
  assert.deepEqual(balances(accounts), { ada: 0n, bob: 0n })
  assert.deepEqual(payments, [
    {
      payment_id: 'pay-0-3',
      partition: 0,
      seq: 3n,
      decided_at: '2026-03-01T09:00:02.000Z',
      tenant: 'acme',
      status: 'rejected',
      rejection_code: 'insufficient_funds',
      rejection_detail: 'ada holds 0.00',
      rejection_cause: null,
      rejection_accounts: '["ada"]',
      kind: null,
      effective_at: '2026-02-27T09:00:00.000Z',
      reference: 'rent',
      description: null,
      metadata: '{}',
      ...{ reverses: null, reverses_what: null, corrects: null },
      legs: JSON.stringify([
        { account: 'ada', amount: '-999', currency: 'EUR', pair: 1 },
        { account: 'bob', amount: '999', currency: 'EUR', pair: 1 },
      ]),
      actor: 'customer:ada',
      client: 'tests',
      approved_by: null,
    },
  ])
  assert.deepEqual(
    refusedPayments.map((row) => [row.account_id, row.effective_at]),
    [['ada', '2026-02-27T09:00:00.000Z']],
  )
})

test('a refused payment is not listed under an account that the giver of the command may not pay from', () => {
  const ledger = createLedger()
  ledger.claim()
  const posting = (from: string) => ({ from, to: 'bob', amount: '1', currency: 'EUR' })
  const request = { postings: [posting('ada'), posting('eve'), posting('kim')] }
  const listed = (pointer: string | undefined, code: 'account_not_found' | 'insufficient_funds') =>
    projectAccounts(0, commitsOf([ledger.refuse(request, { code, pointer })]), nothingKnown).refusedPayments.map(
      (row) => row.account_id,
    )
  assert.deepEqual(listed('/postings/1/from', 'account_not_found'), ['ada'])
  assert.deepEqual(listed('/postings/0/from', 'account_not_found'), [])
  assert.deepEqual(listed('/postings/1/to', 'account_not_found'), ['ada', 'eve'])
  assert.deepEqual(listed('/postings/1/from', 'insufficient_funds'), ['ada', 'eve', 'kim'])
})

test('a payment on an account that was never opened, or in another currency, stops the projection', () => {
  const ledger = createLedger()
  ledger.claim()
  const opened = [ledger.open('ada'), ledger.open('bob', { currency: 'USD' })]
  const strange = ledger.pay([['ada', 'nobody', 1]])
  assert.throws(
    () => projectAccounts(0, commitsOf([...opened, strange]), nothingKnown),
    /0:3 changes nobody, which was never/,
  )
  const mixed = ledger.pay([['ada', 'bob', 1]])
  assert.throws(
    () => projectAccounts(0, commitsOf([...opened, mixed]), nothingKnown),
    /moves EUR on bob, which holds USD/,
  )
})

const accountIds = ['a', 'b', 'c', 'd', 'e']
const posting = fc
  .tuple(fc.constantFrom(...accountIds), fc.constantFrom(...accountIds), fc.bigInt({ min: 1n, max: 10n ** 15n }))
  .filter(([from, to]) => from !== to)
const payments = fc.array(fc.array(posting, { minLength: 1, maxLength: 6 }), { maxLength: 40 })
const cuts = fc.array(fc.nat(45), { maxLength: 6 })

test('however a random ledger is cut into batches, the rows equal a naive fold and sum to zero', () => {
  fc.assert(
    fc.property(payments, cuts, (ledgerPayments, cutAt) => {
      const ledger = createLedger()
      ledger.claim()
      const records = accountIds.map((id) => ledger.open(id, { overdraftLimit: 'unlimited' }))
      for (const postings of ledgerPayments) records.push(ledger.pay(postings))
      const commits = commitsOf(records)

      const known = new Map<string, NewAccount>()
      const entries = []
      const bounds = [0, ...cutAt.map((cut) => Math.min(cut, commits.length)).sort((a, b) => a - b), commits.length]
      for (let index = 1; index < bounds.length; index += 1) {
        const batch = commits.slice(bounds[index - 1], bounds[index])
        const changes = projectAccounts(0, batch, { ...nothingKnown, accounts: known })
        for (const [key, account] of knownOf(changes.accounts)) known.set(key, account)
        entries.push(...changes.entries)
      }

      const naive = Object.fromEntries(accountIds.map((id) => [id, 0n]))
      const running: bigint[] = []
      for (const postings of ledgerPayments) {
        for (const [from, to, amount] of postings) {
          naive[from] = (naive[from] ?? 0n) - amount
          running.push(naive[from])
          naive[to] = (naive[to] ?? 0n) + amount
          running.push(naive[to])
        }
      }
      assert.deepEqual(balances(known.values()), naive)
      assert.deepEqual(
        entries.map((entry) => entry.balance_after_minor),
        running,
      )
      assert.equal(
        known.values().reduce((sum, account) => sum + account.balance_minor, 0n),
        0n,
      )
    }),
    { numRuns: 100 },
  )
})

test('a refund stands beside its payment, whatever spelling of the id its commit has', () => {
  const ledger = createLedger()
  ledger.claim()
  const records = ['ada', 'bob'].map((id) => ledger.open(id, { overdraftLimit: 'unlimited' }))
  records.push(ledger.pay([['ada', 'bob', 5]]))
  const reverses = { paymentId: 'pay-00-03', whole: true }
  records.push(ledger.pay([['bob', 'ada', 5]], { reverses, description: 'a mistake' }))
  const refused = { paymentId: 'pay-0-003', reason: 'again' }
  records.push(ledger.refuse(refused, { type: 'RefundPayment', code: 'refund_exceeds_payment' }))
  const { entries, payments } = projectAccounts(0, commitsOf(records), nothingKnown)
  const named = [...entries, ...payments].map((row) => row.reverses).filter((paymentId) => paymentId !== null)
  assert.deepEqual(named, ['pay-0-3', 'pay-0-3', 'pay-0-3', 'pay-0-3'])
})
