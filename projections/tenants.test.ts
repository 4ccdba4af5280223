import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LogRecord, NewRecord } from '@micropay/event-log/event-log'
import { type FoldedRecord, foldBatch } from '@micropay/event-log/fold-batch'
import { initialFold } from '@micropay/event-log/fold-state'
import { createLedger, type Ledger } from '@micropay/event-log/ledger.fixture'
import type { Commit } from '@micropay/schemas/log/commit'
import fc from 'fast-check'
import { nothingKnown } from './accounts/batch.ts'
import { projectAccounts } from './accounts/project.ts'
import type { NewAccount } from './accounts/tables.ts'
import { indexRecords } from './audit/project.ts'
import { nothingKnown as noFigures } from './reconciliation/batch.ts'
import { projectReconciliation } from './reconciliation/project.ts'
import type { NewLedgerAccount } from './reconciliation/tables.ts'
import { accountKey } from './write/row-key.ts'

const tenants = ['acme', 'other'] as const
type Tenant = (typeof tenants)[number]
const ids = ['cash', 'ada', 'bob'] as const
const id = fc.constantFrom(...ids)
const id2 = fc
  .tuple(id, id)
  .filter(([from, to]) => from !== to)
  .map(([from, to]) => ({ from, to }))

/** What a tenant does to accounts that the other one has, too. */
type Step = (ledger: Ledger, tenant: Tenant) => NewRecord
const pays: fc.Arbitrary<Step> = fc.tuple(id2, fc.bigInt({ min: 1n, max: 10n ** 15n })).map(
  ([{ from, to }, amount]) =>
    (ledger, tenant) =>
      ledger.pay([[from, to, amount]], { tenant, reference: tenant, metadata: { operation: tenant } }),
)
const isRefused: fc.Arbitrary<Step> = fc.tuple(id2, fc.bigInt({ min: 1n, max: 100n })).map(
  ([{ from, to }, amount]) =>
    (ledger, tenant) =>
      ledger.refuse({ postings: [{ from, to, amount: `${amount}`, currency: 'EUR' }] }, { tenant }),
)
const changes: fc.Arbitrary<Step> = fc
  .tuple(id, fc.constantFrom('liabilities/vip', null), fc.constantFrom('500', 'unlimited'))
  .map(([accountId, path, overdraftLimit]) => (ledger, tenant) => {
    const data = { accountId, path, overdraftLimit, personal: { form: 'plain', data: { name: `${tenant}'s` } } }
    return ledger.decide('ChangeAccount', [{ type: 'AccountChanged', version: 1, data }], { tenant })
  })
const freezes: fc.Arbitrary<Step> = fc.tuple(id, fc.constantFrom('all', 'outgoing')).map(
  ([accountId, direction]) =>
    (ledger, tenant) =>
      ledger.decide('FreezeAccount', [{ type: 'AccountFrozen', version: 2, data: { accountId, direction } }], {
        tenant,
      }),
)
const savesPayee: fc.Arbitrary<Step> = id.map(
  (accountId) => (ledger, tenant) => ledger.payee('Saved', { owner: 'customer:ada', alias: 'rent', accountId }, tenant),
)
const step = fc.record({
  tenant: fc.constantFrom(...tenants),
  act: fc.oneof(pays, pays, isRefused, changes, freezes, savesPayee),
})
const cuts = fc.array(fc.nat(45), { maxLength: 5 })

test('whatever two tenants do to accounts of the same ids, each has the rows that it has alone', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), cuts, fc.boolean(), (steps, cutAt, isLoading) => {
      const ledger = createLedger()
      const records = [ledger.genesis(), ledger.claim()]
      for (const tenant of tenants) for (const one of ids) records.push(ledger.open(one, openAs(tenant)))
      for (const { tenant, act } of steps) records.push(act(ledger, tenant))
      const stored = records.map((record, offset): LogRecord => ({ ...record, offset: BigInt(offset) }))
      const { folds, error } = foldBatch(initialFold(0), stored, { partitions: 1 })
      assert.equal(error, undefined)
      const both = project(folds, cutAt, isLoading)
      for (const tenant of tenants) {
        const alone = project(folds.filter(isOf(tenant)), cutAt, isLoading)
        assert.ok(alone.accounts.length === ids.length && alone.entries.length === alone.ledgerEntries.length)
        for (const [table, rows] of Object.entries(both)) {
          const own = rows.filter((row) => row.tenant === tenant)
          assert.deepEqual(own, alone[table as keyof typeof alone], `${table} of ${tenant}`)
        }
      }
    }),
    { numRuns: 100 },
  )
})

/** The same accounts of another type, owner and currency. */
function openAs(tenant: Tenant) {
  return tenant === 'acme'
    ? ({ tenant, overdraftLimit: 'unlimited' } as const)
    : ({ tenant, overdraftLimit: 'unlimited', type: 'internal', owner: 'house', currency: 'EUR' } as const)
}

function isOf(tenant: Tenant) {
  return ({ folded }: FoldedRecord) => folded.kind === 'counted' && folded.commit.tenant === tenant
}

/** All rows that the folds make of a log, cut into batches, and of accounts how they stand in the end. */
function project(folds: readonly FoldedRecord[], cutAt: readonly number[], isLoading: boolean) {
  const accounts = new Map<string, NewAccount>()
  const ledgerAccounts = new Map<string, NewLedgerAccount>()
  const made = { entries: [], payments: [], refused: [], ledgerEntries: [], movements: [], concerned: [] } as Made
  for (const batch of batchesOf(folds, cutAt)) {
    const commits = commitsIn(batch)
    const books = projectAccounts(0, commits, { ...nothingKnown, accounts })
    const figures = projectReconciliation({
      partition: 0,
      commits,
      known: { ...noFigures, accounts: ledgerAccounts },
      isLoading,
    })
    for (const row of books.accounts) accounts.set(accountKey(row.tenant, row.account_id), row)
    for (const row of figures.accounts) ledgerAccounts.set(accountKey(row.tenant, row.account_id), row)
    made.entries.push(...books.entries)
    made.payments.push(...books.payments)
    made.refused.push(...books.refusedPayments)
    made.ledgerEntries.push(...figures.entries)
    made.movements.push(...figures.movements)
    made.concerned.push(...indexRecords(0, batch).accounts)
  }
  const inOrder = <Row extends { account_id: string }>(rows: Iterable<Row>) =>
    [...rows].sort((a, b) => (a.account_id < b.account_id ? -1 : 1))
  return { ...made, accounts: inOrder(accounts.values()), ledgerAccounts: inOrder(ledgerAccounts.values()) }
}

type Made = {
  readonly [Table in 'entries' | 'payments' | 'refused' | 'ledgerEntries' | 'movements' | 'concerned']: {
    readonly tenant: string
  }[]
}

/** At the same records whoever's are left out. */
function batchesOf(folds: readonly FoldedRecord[], cutAt: readonly number[]): FoldedRecord[][] {
  const bounds = [...cutAt.toSorted((a, b) => a - b), Number.POSITIVE_INFINITY]
  let from = Number.NEGATIVE_INFINITY
  return bounds.map((to) => {
    const batch = folds.filter(({ record: { offset } }) => Number(offset) >= from && Number(offset) < to)
    from = to
    return batch
  })
}

function commitsIn(batch: readonly FoldedRecord[]): Commit[] {
  return batch.flatMap(({ folded }) => (folded.kind === 'counted' ? [folded.commit] : []))
}
