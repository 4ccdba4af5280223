import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { NewRecord } from '@micropay/event-log/event-log'
import { createLedger, type Ledger } from '@micropay/event-log/ledger.fixture'
import type { ProjectionWriter } from '@micropay/projections/projection'
import { reconciliationProjection } from '@micropay/projections/reconciliation/projection'
import { type ReconciliationTables, reconciliationVersion } from '@micropay/projections/reconciliation/tables'
import { type OpenTestDatabase, openTestDatabase } from '@micropay/projections/versions/test-database.fixture'
import { endOfDay, startOfDay } from '@micropay/schemas/days'
import { decodeRecord } from '@micropay/schemas/log/ledger-record'
import fc from 'fast-check'
import { openReadModel, type ReadModel } from '../position/open-database.ts'
import { pathBalances, trialBalance } from './balance-queries.ts'
import { type DailyFilter, dailyTotals } from './entry-queries.ts'

const QUARTER_MS = 900_000
const DAY_MS = 86_400_000
const schema = 'summed'
let database: OpenTestDatabase
let model: ReadModel<ReconciliationTables>

before(async () => {
  database = await openTestDatabase()
  model = openReadModel(database.url, { warn: () => undefined }, reconciliationVersion)
})
after(async () => {
  await model.destroy()
  await database.close()
})

type Payment = {
  readonly partition: 0 | 1
  readonly isDeposit: boolean
  readonly amount: bigint
  readonly effectiveMs: number
  readonly operation: string
  readonly purpose: string
}

/** When a month begins in the zones below, in quarters of an hour from when it does in UTC. */
const MIDNIGHTS = [0, -23, 14, 10, -56, 20, 16]

/** At the midnights of months' ends and right before them more often than anywhere else, in any order of booking. */
const effectiveMs = fc
  .record({
    month: fc.integer({ min: 0, max: 2 }),
    quarters: fc.oneof(
      fc.constantFrom(...MIDNIGHTS),
      fc.integer({ min: -60, max: 60 }),
      fc.integer({ min: -1_500, max: 1_500 }),
    ),
    ms: fc.constantFrom(0, 1, -1, QUARTER_MS - 1),
  })
  .map(({ month, quarters, ms }) => Date.UTC(2025, 10 + month, 1) + quarters * QUARTER_MS + ms)
const payment: fc.Arbitrary<Payment> = fc.record({
  partition: fc.constantFrom(0, 1),
  isDeposit: fc.boolean(),
  amount: fc.oneof(fc.constant(1n), fc.bigInt({ min: 1n, max: 10n ** 15n })),
  effectiveMs,
  operation: fc.constantFrom('', 'rent', 'card'),
  purpose: fc.constantFrom('', 'food'),
})
const zone = fc.constantFrom('UTC', 'Asia/Kathmandu', 'America/St_Johns', 'Pacific/Kiritimati', 'America/New_York')

test('balances at the end of any day and daily totals in any zone are sums of the entries themselves', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(payment, { maxLength: 12 }), { maxLength: 6 }),
      fc.constantFrom(0, 2, 6),
      zone,
      fc.array(effectiveMs, { minLength: 2, maxLength: 3 }),
      async (batches, loaded, inZone, instants) => {
        await project(batches, loaded)
        const entries = batches.flat().flatMap((one) => entriesOf(one, inZone))
        const days = instants.map((ms) => dayOf(ms, inZone)).sort()
        for (const day of days) await checkBalances(entries, day, inZone)
        await checkTotals(entries, days[0] ?? '', days.at(-1) ?? '', inZone)
      },
    ),
    { numRuns: 90 },
  )
})

test('accounts come in the order of their amounts, whatever number of digits those have', async () => {
  const deposit = { isDeposit: true, effectiveMs: Date.UTC(2026, 2, 1), operation: '', purpose: '' }
  await project([[{ ...deposit, partition: 0, amount: 9n }], [{ ...deposit, partition: 1, amount: 10n }]])
  const page = { sort: '-debit', after: undefined, limit: 100 } as const
  const { found } = await trialBalance(snapshot(), 'acme', {}, { kind: 'now' }, page)
  assert.deepEqual(
    found.map((row) => row.accountId),
    ['bank1', 'bank0', 'ada0', 'ada1'],
  )
})

/**
 * Each partition by a writer of its own, into tables that were empty: the first batches are loaded as a rebuild does,
 * the others added to them.
 */
async function project(batches: readonly (readonly Payment[])[], loaded = 0): Promise<void> {
  const client = await database.pool.connect()
  const ledgers = [createLedger(0, 2), createLedger(1, 2)] as const
  const write = async (writer: ProjectionWriter, records: readonly NewRecord[]) => {
    const decoded = records.map((record) => decodeRecord(record.value))
    const commits = decoded.flatMap((record) => (record.kind === 'commit' ? [record.commit] : []))
    await writer.prepare(client, commits)
    writer.fold(commits, [])
    await writer.take().write(client)
  }
  const pay = async (some: readonly (readonly Payment[])[], isLoading: boolean) => {
    for (const partition of [0, 1] as const) {
      const writer = reconciliationProjection.openWriter(schema, partition, isLoading)
      if (isLoading) await write(writer, opened(ledgers[partition], partition))
      for (const batch of some) await write(writer, paid(ledgers[partition], partition, batch))
    }
  }
  try {
    await client.query(`drop schema if exists ${schema} cascade; create schema ${schema}`)
    await reconciliationProjection.createTables(client, schema)
    await pay(batches.slice(0, loaded), true)
    for (const statement of reconciliationProjection.indexes(schema)) await client.query(statement)
    await pay(batches.slice(loaded), false)
  } finally {
    client.release()
  }
}

function opened(ledger: Ledger, partition: number): NewRecord[] {
  ledger.genesis()
  ledger.claim()
  return [
    ledger.open(`bank${partition}`, { type: 'external', overdraftLimit: 'unlimited' }),
    ledger.open(`ada${partition}`),
    // Another tenant's, of the same ids.
    ledger.open(`bank${partition}`, { tenant: 'other', type: 'internal', overdraftLimit: 'unlimited' }),
    ledger.open(`ada${partition}`, { tenant: 'other' }),
    ledger.pay([[`bank${partition}`, `ada${partition}`, 7]], { tenant: 'other' }),
  ]
}

function paid(ledger: Ledger, partition: 0 | 1, batch: readonly Payment[]): NewRecord[] {
  return batch
    .filter((one) => one.partition === partition)
    .map(({ amount, effectiveMs: at, operation, purpose, ...one }) =>
      ledger.pay([[...sidesOf({ ...one, partition }), amount]], {
        effectiveAt: new Date(at).toISOString(),
        metadata: { operation, purpose },
      }),
    )
}

type Entry = Omit<Payment, 'partition' | 'isDeposit' | 'effectiveMs'> & {
  readonly account: string
  readonly day: string
}

function sidesOf({ partition, isDeposit }: Pick<Payment, 'partition' | 'isDeposit'>): readonly [string, string] {
  const [bank, ada] = [`bank${partition}`, `ada${partition}`]
  return isDeposit ? [bank, ada] : [ada, bank]
}

function entriesOf(one: Payment, inZone: string): Entry[] {
  const [from, to] = sidesOf(one)
  const { amount, operation, purpose } = one
  const day = dayOf(one.effectiveMs, inZone)
  return [
    { account: from, amount: -amount, operation, purpose, day },
    { account: to, amount, operation, purpose, day },
  ]
}

/** Another way to it than the code's own. */
function dayOf(ms: number, inZone: string): string {
  return new Intl.DateTimeFormat('en-CA', { timeZone: inZone, dateStyle: 'short' }).format(ms)
}

const snapshot = () => ({ head: { schema, positions: [], stopped: undefined, ageSeconds: 0 }, db: model })

async function checkBalances(entries: readonly Entry[], day: string, inZone: string): Promise<void> {
  const asOf = { kind: 'instant', before: endOfDay(day, inZone) } as const
  const balances = new Map<string, bigint>()
  for (const entry of entries) {
    if (entry.day <= day) balances.set(entry.account, (balances.get(entry.account) ?? 0n) + entry.amount)
  }
  const page = { sort: 'account', after: undefined, limit: 100 } as const
  const { totals, found } = await trialBalance(snapshot(), 'acme', {}, asOf, page)
  const shown = found.map((row) => [row.accountId, BigInt(row.credit) - BigInt(row.debit)])
  assert.deepEqual(shown, [...balances].filter(([, balance]) => balance !== 0n).sort())
  const credits = [...balances.values()].filter((balance) => balance > 0n)
  const credit = credits.reduce((sum, balance) => sum + balance, 0n).toString()
  const total = { currency: 'EUR', accounts: shown.length, debit: credit, credit }
  assert.deepEqual(totals, balances.size === 0 ? [] : [total])
  const paths = await pathBalances(snapshot(), 'acme', {}, asOf)
  // An account that moved counts, at zero too.
  assert.equal(
    paths.reduce((sum, { accounts }) => sum + accounts, 0),
    balances.size,
  )
  for (const { path, balance } of paths) {
    const place = path.startsWith('assets') ? 'bank' : 'ada'
    const below = [...balances].filter(([account]) => account.startsWith(place))
    assert.equal(
      balance,
      below.reduce((sum, [, one]) => sum + one, 0n),
    )
  }
}

async function checkTotals(entries: readonly Entry[], from: string, to: string, inZone: string): Promise<void> {
  const [since, past] = [startOfDay(from, inZone), endOfDay(to, inZone)]
  assert.ok(past.getTime() - since.getTime() >= DAY_MS - 4 * QUARTER_MS)
  for (const by of ['none', 'account', 'operation', 'purpose'] as const) {
    for (const only of [{}, { type: 'customer' }, { type: 'external', account: 'bank1' }, { account: 'ada0' }]) {
      const filter: DailyFilter = { by, since, before: past, zone: inZone, ...only }
      const shown = await dailyTotals(snapshot(), 'acme', filter, 10_000)
      const within = entries.filter((entry) => entry.day >= from && entry.day <= to && isOf(entry, filter))
      assert.deepEqual(
        shown.map((total) => `${total.day} ${total.group} +${total.in} -${total.out} ${total.entries}`),
        totalsOf(within, by),
        `${by} ${JSON.stringify(only)}`,
      )
    }
  }
}

function isOf(entry: Entry, { type, account }: DailyFilter): boolean {
  const isType = type === undefined || entry.account.startsWith(type === 'customer' ? 'ada' : 'bank')
  return isType && (account === undefined || entry.account === account)
}

function totalsOf(entries: readonly Entry[], by: DailyFilter['by']): string[] {
  const totals = new Map<string, { in: bigint; out: bigint; entries: number }>()
  for (const entry of entries) {
    const key = `${entry.day} ${by === 'none' ? '' : entry[by]}`
    const total = totals.get(key) ?? { in: 0n, out: 0n, entries: 0 }
    if (entry.amount > 0n) total.in += entry.amount
    else total.out -= entry.amount
    total.entries += 1
    totals.set(key, total)
  }
  return [...totals]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, total]) => `${key} +${total.in} -${total.out} ${total.entries}`)
}
