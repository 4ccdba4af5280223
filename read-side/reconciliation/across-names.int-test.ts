import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { FoldedRecord } from '@micropay/event-log/fold-batch'
import { foldsOf, ledgerOf, schedules } from '@micropay/projections/across-histories.fixture'
import type { ProjectionWriter } from '@micropay/projections/projection'
import { reconciliationProjection } from '@micropay/projections/reconciliation/projection'
import { type ReconciliationTables, reconciliationVersion } from '@micropay/projections/reconciliation/tables'
import { type OpenTestDatabase, openTestDatabase, rowsOf } from '@micropay/projections/versions/test-database.fixture'
import type { Commit } from '@micropay/schemas/log/commit'
import { isPosting } from '@micropay/schemas/log/legs-in'
import { isTransitId } from '@micropay/schemas/transit'
import fc from 'fast-check'
import type { PoolClient } from 'pg'
import { openReadModel, type ReadModel } from '../position/open-database.ts'
import { type DailyFilter, dailyTotals, listLedgerEntries } from './entry-queries.ts'

const [schema, rebuilt] = ['named', 'rebuilt']
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

/** Which partition is read on, by how many records, and how many of these turns a rebuild loads. */
const reading = fc.record({
  turns: fc.array(fc.record({ partition: fc.nat(2), records: fc.integer({ min: 3, max: 40 }) }), { maxLength: 8 }),
  loaded: fc.nat(11),
  /** Whether each turn is another writer's, which at first counts under their names what waits for them. */
  isAnew: fc.boolean(),
})

test('in whichever order partitions are read, each entry counts once, by name once its payment was read', async () => {
  const client = await database.pool.connect()
  const seen = new Set<string>()
  try {
    await fc.assert(
      fc.asyncProperty(schedules, fc.boolean(), reading, async (schedule, isWhole, { turns, loaded, isAnew }) => {
        const read: Commit[] = []
        await openTables(client, schema)
        const folds = foldsOf(ledgerOf(schedule, isWhole))
        const step = createSteps(client, schema, folds, isAnew)
        const rest = [2, 0, 1].map((partition) => ({ partition, records: Number.POSITIVE_INFINITY }))
        for (const [turn, { partition, records }] of [...turns, ...rest].entries()) {
          if (turn === loaded) await makeIndexes(client, schema)
          read.push(...(await step(partition, records, turn < loaded)))
          if (turn >= loaded) await check(read)
        }
        if (loaded >= turns.length + rest.length) {
          await makeIndexes(client, schema)
          await check(read)
        }
        assert.deepEqual(await settledRows(client, folds), await rebuiltRows(client, folds))
        for (const { events } of read) for (const { type } of events) seen.add(type)
      }),
      { numRuns: 40 },
    )
  } finally {
    client.release()
  }
  for (const type of ['PaymentFailed', 'LegsReleased', 'LegsWrittenOff', 'PaymentReopened'])
    assert(seen.has(type), type)
})

async function openTables(client: PoolClient, schema: string): Promise<void> {
  await client.query(`drop schema if exists ${schema} cascade; create schema ${schema}`)
  await reconciliationProjection.createTables(client, schema)
}

async function makeIndexes(client: PoolClient, schema: string): Promise<void> {
  for (const statement of reconciliationProjection.indexes(schema)) await client.query(statement)
}

/** Reads on a partition, and answers what was read. */
function createSteps(client: PoolClient, schema: string, folds: Folds, isAnew: boolean) {
  const places = folds.map(() => 0)
  const writers = new Map<string, ProjectionWriter>()
  return async (partition: number, records: number, isLoading: boolean): Promise<Commit[]> => {
    const key = `${partition} ${isLoading}`
    const kept = isAnew ? undefined : writers.get(key)
    const writer = kept ?? reconciliationProjection.openWriter(schema, partition, isLoading)
    writers.set(key, writer)
    const from = places[partition] ?? 0
    const batch = folds[partition]?.slice(from, from + records) ?? []
    places[partition] = from + batch.length
    const commits = batch.flatMap(({ folded }) => (folded.kind === 'counted' ? [folded.commit] : []))
    await writer.prepare(client, commits)
    writer.fold(commits, batch)
    await writer.take().write(client)
    return commits
  }
}

type Folds = readonly (readonly FoldedRecord[])[]

/** Once each partition has looked which payments were read. */
async function settledRows(client: PoolClient, folds: Folds) {
  for (const partition of folds.keys()) {
    await reconciliationProjection.openWriter(schema, partition).take().write(client)
  }
  return rowsOf(database.pool, schema)
}

async function rebuiltRows(client: PoolClient, folds: Folds) {
  await openTables(client, rebuilt)
  const step = createSteps(client, rebuilt, folds, false)
  for (const partition of folds.keys()) await step(partition, Number.POSITIVE_INFINITY, true)
  await makeIndexes(client, rebuilt)
  return rowsOf(database.pool, rebuilt)
}

type Entry = { readonly account: string; readonly amount: bigint; readonly operation: string; readonly purpose: string }

/** Another way to them than the read model's: all that was read, at once. */
function entriesOf(read: readonly Commit[]): Entry[] {
  const events = read.flatMap((commit) => commit.events)
  const names = new Map<string, Pick<Entry, 'operation' | 'purpose'>>()
  for (const event of events) {
    if (event.type !== 'PaymentInitiated' && event.type !== 'PaymentPosted') continue
    const { operation = '', purpose = '' } = event.data.personal?.data.metadata ?? {}
    names.set(event.data.paymentId, { operation, purpose })
  }
  return events.filter(isPosting).flatMap(({ data: { paymentId, legs } }) =>
    legs
      .filter(({ account }) => !isTransitId(account))
      .map(({ account, amount }) => {
        return { account, amount: BigInt(amount), ...(names.get(paymentId) ?? { operation: '', purpose: '' }) }
      }),
  )
}

const day = { since: new Date('2026-03-01T00:00:00Z'), before: new Date('2026-03-02T00:00:00Z'), zone: 'UTC' }
const snapshot = () => ({ head: { schema, positions: [], stopped: undefined, ageSeconds: 0 }, db: model })

async function check(read: readonly Commit[]): Promise<void> {
  const entries = entriesOf(read)
  const account = entries[0]?.account
  const only = [{}, { operation: 'rent' }, { operation: '' }, { purpose: '1', type: 'customer' }, { account }]
  for (const by of ['none', 'account', 'operation', 'purpose'] as const) {
    for (const narrowed of only) {
      const filter: DailyFilter = { by, ...day, ...narrowed }
      const shown = await dailyTotals(snapshot(), 'acme', filter, 10_000)
      const told = shown.map((total) => `${total.group} +${total.in} -${total.out} ${total.entries}`)
      assert.deepEqual(told, totalsOf(entries, filter), `${by} ${JSON.stringify(narrowed)}`)
    }
  }
  if (account === undefined) return
  for (const names of [{ operation: 'rent' }, { operation: '' }, { operation: 'split', purpose: '1' }]) {
    const named = { tenant: 'acme', accountId: account }
    const range = { asOf: { kind: 'now' }, since: undefined, ...names } as const
    const page = { from: undefined, limit: 1_000, oldestFirst: true, examined: 1_000 }
    const found = await listLedgerEntries(snapshot(), named, range, page)
    const amounts = entries.filter((entry) => isOf(entry, { account, ...names })).map(({ amount }) => `${amount}`)
    assert.deepEqual(found?.rows.map((row) => `${row.amount_minor}`).sort(), amounts.sort())
  }
}

function isOf(entry: Entry, { account, operation, purpose, type }: Partial<DailyFilter>): boolean {
  if (type !== undefined && entry.account.startsWith('suspense')) return false
  if (account !== undefined && entry.account !== account) return false
  return (operation ?? entry.operation) === entry.operation && (purpose ?? entry.purpose) === entry.purpose
}

function totalsOf(entries: readonly Entry[], filter: DailyFilter): string[] {
  const groups = new Map<string, { in: bigint; out: bigint; entries: number }>()
  for (const entry of entries.filter((each) => isOf(each, filter))) {
    const group = filter.by === 'none' ? '' : entry[filter.by]
    const total = groups.get(group) ?? { in: 0n, out: 0n, entries: 0 }
    if (entry.amount > 0n) total.in += entry.amount
    else total.out -= entry.amount
    total.entries += 1
    groups.set(group, total)
  }
  const inOrder = [...groups].sort(([a], [b]) => (a < b ? -1 : 1))
  return inOrder.map(([group, total]) => `${group} +${total.in} -${total.out} ${total.entries}`)
}
