import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FoldedRecord } from '@micropay/event-log/fold-batch'
import fc from 'fast-check'
import { projectAccounts } from './accounts/project.ts'
import type { NewAccount, NewAcrossPayment } from './accounts/tables.ts'
import { foldsOf, ledgerOf, schedules } from './across-histories.fixture.ts'
import { indexRecords } from './audit/project.ts'
import type { NewAcrossPayment as NewUnderWay } from './reconciliation/across-tables.ts'
import { projectReconciliation } from './reconciliation/project.ts'
import type { NewLedgerAccount } from './reconciliation/tables.ts'
import { accountKey } from './write/row-key.ts'

/** The tables of all three projections, as the rows of batches come to them. */
function createTables() {
  const kept = { accounts: new Map<string, NewAccount>(), acrossPayments: new Map<string, NewAcrossPayment>() }
  const figures = { accounts: new Map<string, NewLedgerAccount>(), acrossPayments: new Map<string, NewUnderWay>() }
  const added = new Map<string, string[]>()
  const sums = new Map<string, bigint>()
  const add = (table: string, rows: readonly object[]) => {
    added.set(table, [...(added.get(table) ?? []), ...rows.map(inText)])
  }
  return {
    ...{ kept, figures, sums },
    read(partition: number, batch: readonly FoldedRecord[]): void {
      const commits = batch.flatMap(({ folded }) => (folded.kind === 'counted' ? [folded.commit] : []))
      const books = projectAccounts(partition, commits, kept)
      for (const row of books.accounts) kept.accounts.set(accountKey(row.tenant, row.account_id), row)
      for (const row of books.acrossPayments) kept.acrossPayments.set(row.payment_id, row)
      const { entries, payments, refusedPayments, postedAcross, postedLegs } = books
      for (const [table, rows] of Object.entries({ entries, payments, refusedPayments, postedAcross, postedLegs }))
        add(table, rows)
      const told = projectReconciliation({ partition, commits, known: figures, isLoading: false })
      for (const row of told.accounts) figures.accounts.set(accountKey(row.tenant, row.account_id), row)
      for (const row of told.acrossPayments) figures.acrossPayments.set(row.payment_id, row)
      add('ledgerEntries', told.entries)
      add('transitEntries', told.transitEntries)
      for (const { partition: at, other, balance } of told.transits) {
        const [key, minor] = [`transit ${at} ${other}`, BigInt(balance)]
        sums.set(key, (sums.get(key) ?? 0n) + minor)
      }
      for (const { account_id, quarter, in_minor, out_minor } of told.movements) {
        const key = `movement ${account_id} ${quarter}`
        sums.set(key, (sums.get(key) ?? 0n) + BigInt(in_minor) - BigInt(out_minor))
      }
      const index = indexRecords(partition, batch)
      for (const [table, rows] of Object.entries(index)) add(`audit ${table}`, rows)
    },
    /** All rows, whichever came first. */
    all: () => ({
      accounts: [...kept.accounts.values(), ...figures.accounts.values()].map(inText).sort(),
      across: [...kept.acrossPayments.values(), ...figures.acrossPayments.values()].map(inText).sort(),
      sums: [...sums].map(([key, minor]) => `${key} ${minor}`).sort(),
      ...Object.fromEntries(Array.from(added, ([table, rows]) => [table, rows.toSorted()])),
    }),
  }
}

function inText(row: object): string {
  return JSON.stringify(row, (_, value) => (typeof value === 'bigint' ? `${value}` : value))
}

const histories = ['PaymentReopened', 'LegsRecalled', 'LegsWrittenOff', 'HistoryAccepted', 'HistoryAnswered']

test('in whichever order partitions are read, and however cut, the tables are the same and sum to zero', () => {
  const seen = new Set<string>()
  const turns = fc.array(fc.record({ partition: fc.nat(2), records: fc.integer({ min: 1, max: 9 }) }), {
    maxLength: 60,
  })
  fc.assert(
    fc.property(schedules, turns, fc.boolean(), (schedule, order, isWhole) => {
      const folds = foldsOf(ledgerOf(schedule, isWhole))
      for (const { folded } of folds.flat()) {
        if (folded.kind === 'counted') for (const { type } of folded.commit.events) seen.add(type)
      }
      const inTurn = createTables()
      for (const [partition, batch] of folds.entries()) inTurn.read(partition, batch)
      const mixed = createTables()
      const read = [0, 0, 0]
      const rest = [2, 0, 1].map((partition) => ({ partition, records: Number.POSITIVE_INFINITY }))
      for (const { partition, records } of [...order, ...rest]) {
        const from = read[partition] ?? 0
        const batch = folds[partition]?.slice(from, from + records) ?? []
        read[partition] = from + batch.length
        mixed.read(partition, batch)
        assert.equal(total(mixed), 0n, 'at every vector of positions')
      }
      assert.deepEqual(mixed.all(), inTurn.all())
      if (isWhole) assertEnded(mixed)
    }),
    { numRuns: 150 },
  )
  assert.deepEqual(
    histories.filter((type) => !seen.has(type)),
    [],
  )
})

type Tables = ReturnType<typeof createTables>

function total({ figures, sums }: Tables): bigint {
  let minor = 0n
  for (const { balance_minor } of figures.accounts.values()) minor += balance_minor
  for (const [key, balance] of sums) if (key.startsWith('transit')) minor += balance
  return minor
}

/** Nothing is held or due, and what left one partition has come to the other. */
function assertEnded({ kept, figures, sums }: Tables): void {
  for (const { held_minor, due_minor } of kept.accounts.values()) assert.deepEqual([held_minor, due_minor], [0n, 0n])
  for (const { status } of kept.acrossPayments.values()) assert.notEqual(status, 'pending')
  for (const { state } of figures.acrossPayments.values()) assert.equal(state, 'ended')
  for (const [key, minor] of sums) {
    const [, at, other] = key.split(' ')
    if (key.startsWith('transit')) assert.equal(minor + (sums.get(`transit ${other} ${at}`) ?? 0n), 0n, key)
  }
}
