import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type AcrossPayment, createPartitions, idOn } from '@micropay/event-log/across.fixture'
import type { LogRecord } from '@micropay/event-log/event-log'
import { type FoldedRecord, foldBatch } from '@micropay/event-log/fold-batch'
import { initialFold } from '@micropay/event-log/fold-state'
import fc from 'fast-check'
import { projectAccounts } from './accounts/project.ts'
import type { NewAccount, NewAcrossPayment } from './accounts/tables.ts'
import { indexRecords } from './audit/project.ts'
import type { NewAcrossPayment as NewUnderWay } from './reconciliation/across-tables.ts'
import { projectReconciliation } from './reconciliation/project.ts'
import type { NewLedgerAccount } from './reconciliation/tables.ts'
import { accountKey } from './write/row-key.ts'

const partitions = 3
const accounts = [0, 1, 2].flatMap((each) => [idOn(each, 3, 'ada'), idOn(each, 3, 'ben')])

/** What is to be done next of payments: each number chooses among what may come. */
const schedules = fc.array(fc.nat(1_000_000), { minLength: 10, maxLength: 120 })

type Open = {
  readonly payment: AcrossPayment
  state: 'deciding' | 'completed' | 'failed' | 'gone' | 'reopened'
  readonly promised: Set<number>
  readonly done: Set<number>
  /** Participants that have lost what they did, or are to. */
  readonly lost: Set<number>
}

/** Payments across partitions, each taken as far as the schedule says, or to its end. */
function ledgerOf(schedule: readonly number[], isWhole: boolean) {
  const ledger = createPartitions(partitions)
  for (const account of accounts) ledger.open(account)
  const open: Open[] = []
  for (const [turn, choice] of schedule.entries()) {
    const [from, to, more] = [accounts[choice % 6], accounts[(choice >> 3) % 6], accounts[(choice >> 6) % 6]]
    const isAcross = from && to && ledger.homeOf(from) !== ledger.homeOf(to)
    if (choice % 3 > 0 && open.length > 0) advance(open, choice >> 2)
    else if (isAcross && choice % 13 === 0) {
      const payment = ledger.begin(
        [
          [from, -9],
          [to, 9],
        ],
        { lostAt: 900_000 + turn },
      )
      open.push({ ...begun(payment), state: 'gone' })
      ledger.say(ledger.homeOf(to), 'HistoryAccepted', ledger.homeOf(from))
      ledger.say(ledger.homeOf(from), 'HistoryAnswered', ledger.homeOf(to))
    } else if (isAcross && more !== from && more !== to && more && choice % 2) {
      open.push(
        begun(
          ledger.begin([
            [from, -30],
            [to, 20],
            [more, 10],
          ]),
        ),
      )
    } else if (isAcross)
      open.push(
        begun(
          ledger.begin(
            [
              [from, -7],
              [to, 7],
            ],
            { reference: `${choice}` },
          ),
        ),
      )
    else if (from && to && from !== to) {
      ledger.write(ledger.homeOf(from), ledger.ledgerOf(ledger.homeOf(from)).pay([[from, to, 3]]))
    }
  }
  for (let step = 0; isWhole && open.length > 0; step += 1) advance(open, step)
  return ledger
}

function begun(payment: AcrossPayment): Open {
  return { payment, state: 'deciding', promised: new Set(), done: new Set(), lost: new Set() }
}

function advance(all: Open[], choice: number): void {
  const index = choice % all.length
  const open = all[index]
  if (!open) return
  const { payment, promised, done, lost } = open
  const next = payment.participants.find((each) => !(open.state === 'deciding' ? promised : done).has(each))
  if (open.state === 'gone') return void (next === undefined ? all.splice(index, 1) : giveUp(open, next, choice))
  if (open.state === 'reopened') return void (next === undefined ? end(all, index) : postAgain(open, next, choice))
  if (open.state === 'deciding' && (choice % 7 === 0 || next === undefined)) {
    open.state = choice % 5 === 0 ? 'failed' : next === undefined ? 'completed' : 'failed'
    if (open.state === 'failed') payment.fail()
    else if (choice % 3 === 0) payment.learn()
    else payment.complete()
  } else if (next === undefined) {
    end(all, index)
  } else if (open.state === 'deciding') {
    promised.add(next)
    if (choice % 11 === 0) lost.add(next)
    else payment.prepare(next)
  } else {
    done.add(next)
    if (lost.has(next)) return
    if (open.state === 'completed') payment.post(next)
    else if (promised.has(next)) payment.release(next)
    else payment.refuse(next)
  }
}

/** It is over, unless participants have lost what they had answered: they are asked again. */
function end(all: Open[], index: number): void {
  const [open] = all.splice(index, 1)
  if (!open) return
  const { payment, lost, done, promised } = open
  payment.end()
  if (lost.size === 0) return
  const isCompleted = open.state === 'completed'
  payment.reopen([...lost].sort(), isCompleted ? 'completed' : 'failed')
  for (const each of lost) {
    done.delete(each)
    promised.delete(each)
  }
  all.push({ ...open, state: isCompleted ? 'reopened' : 'failed', lost: new Set() })
}

function postAgain({ payment, done }: Open, next: number, choice: number): void {
  done.add(next)
  payment.force(next, choice % 2 === 0)
  if (choice % 3 === 0) payment.recall(next)
}

/** Its beginning is gone: what was promised is let go of, and what was posted written off. */
function giveUp({ payment, promised, done, lost: posted }: Open, next: number, choice: number): void {
  if (!promised.has(next)) {
    promised.add(next)
    if (choice % 2 === 0) payment.prepare(next)
    else {
      posted.add(next)
      payment.post(next, false)
    }
    return
  }
  done.add(next)
  if (posted.has(next)) payment.writeOff(next)
  else payment.releaseLost(next)
}

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

function foldsOf(ledger: ReturnType<typeof createPartitions>): FoldedRecord[][] {
  return ledger.records.map((records, partition) => {
    const stored = records.map((record, offset): LogRecord => ({ ...record, offset: BigInt(offset) }))
    const { folds, error } = foldBatch(initialFold(partition), stored, { partitions })
    assert.equal(error, undefined)
    return [...folds]
  })
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
