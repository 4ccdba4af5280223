import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { NewRecord } from '@micropay/event-log/event-log'
import { createLedger, type FixturePosting } from '@micropay/event-log/ledger.fixture'
import { decodeRecord } from '@micropay/schemas/log/ledger-record'
import type { PoolClient } from 'pg'
import { type OpenTestDatabase, openTestDatabase } from '../versions/test-database.fixture.ts'
import { reconciliationProjection } from './projection.ts'

const ledger = createLedger()
const schema = 'reconciled'
let database: OpenTestDatabase
let client: PoolClient

before(async () => {
  database = await openTestDatabase()
  client = await database.pool.connect()
  await client.query(`create schema ${schema}`)
  await reconciliationProjection.createTables(client, schema)
  for (const statement of reconciliationProjection.indexes(schema)) await client.query(statement)
})
after(async () => {
  client.release()
  await database.close()
})

const writer = reconciliationProjection.openWriter(schema, 0)
const fold = async (records: readonly NewRecord[]) => {
  const commits = records.flatMap((record) => {
    const decoded = decodeRecord(record.value)
    return decoded.kind === 'commit' ? [decoded.commit] : []
  })
  await writer.prepare(client, commits)
  writer.fold(commits, [])
}
const project = async (records: readonly NewRecord[]) => {
  await fold(records)
  await writer.take().write(client)
}
const external = { type: 'external', overdraftLimit: 'unlimited' } as const

test('turnover may pass 64 bits, while every balance fits', async () => {
  const most = 10 ** 15
  const fiftyThereAndBack = Array.from(
    { length: 100 },
    (_, index): FixturePosting => (index % 2 === 0 ? ['a', 'b', most] : ['b', 'a', most]),
  )
  const payments = () =>
    Array.from({ length: 93 }, () => ledger.pay(fiftyThereAndBack, { effectiveAt: '2026-03-01T12:07:00.000Z' }))
  await project([ledger.genesis(), ledger.claim(), ledger.open('a', external), ledger.open('b', external)])
  await project(payments())
  await project(payments())
  const { rows } = await client.query(
    `select account_id, in_minor::text, out_minor::text from ${schema}.movement order by 1`,
  )
  const sum = '9300000000000000000'
  assert.deepEqual(rows, [
    { account_id: 'a', in_minor: sum, out_minor: sum },
    { account_id: 'b', in_minor: sum, out_minor: sum },
  ])
})

test('an operation and a purpose of any length are kept as far as an index can hold them, between two characters', async () => {
  const unlike = (from: number) => String.fromCodePoint(...Array.from({ length: 250 }, (_, index) => from + 37 * index))
  const [operation, purpose] = [unlike(0x20000), unlike(0x25000)]
  await project([
    ledger.open('c', external),
    ledger.open('d'),
    ledger.pay([['c', 'd', 1]], { metadata: { operation, purpose } }),
  ])
  const { rows } = await client.query(
    `select distinct operation, purpose from ${schema}.movement where account_id in ('c', 'd')`,
  )
  assert.deepEqual(rows, [{ operation: operation.slice(0, 200), purpose: purpose.slice(0, 200) }])
})

test('batches that are folded one after the other and written together make the rows of one batch', async () => {
  await project([ledger.open('e', external), ledger.open('f')])
  const at = { effectiveAt: '2026-03-01T12:07:00.000Z' }
  await fold([ledger.pay([['e', 'f', 5]], at), ledger.pay([['e', 'f', 7]], at)])
  await fold([ledger.pay([['f', 'e', 2]], at)])
  await writer.take().write(client)
  const { rows } = await client.query(
    `select account_id, in_minor::int, out_minor::int, entries::int from ${schema}.movement
     where account_id in ('e', 'f') order by 1`,
  )
  assert.deepEqual(rows, [
    { account_id: 'e', in_minor: 2, out_minor: 12, entries: 3 },
    { account_id: 'f', in_minor: 12, out_minor: 2, entries: 3 },
  ])
  const entries = await client.query(
    `select balance_after_minor::int as balance from ${schema}.ledger_entry where account_id = 'f' order by seq`,
  )
  assert.deepEqual(
    entries.rows.map((row) => row.balance),
    [5, 12, 10],
  )
})

test('months and totals of a type pass 64 bits as movements do', async () => {
  const sums = (table: string) =>
    client.query(`select in_minor::text as sum from ${schema}.${table} order by in_minor desc limit 2`)
  const sum = '9300000000000000000'
  assert.deepEqual((await sums('account_month')).rows, [{ sum }, { sum }])
  const [largest] = (await sums('quarter_total')).rows
  assert.ok(BigInt(largest.sum) >= 2n * BigInt(sum))
})

test('two partitions write the same quarter in transactions that are both open, and neither waits for the other', async () => {
  const other = createLedger(1, 2)
  const otherWriter = reconciliationProjection.openWriter(schema, 1)
  const otherClient = await database.pool.connect()
  const at = { effectiveAt: '2026-04-01T12:07:00.000Z' }
  const commitsOf = (records: readonly NewRecord[]) =>
    records.flatMap((record) => {
      const decoded = decodeRecord(record.value)
      return decoded.kind === 'commit' ? [decoded.commit] : []
    })
  await fold([ledger.open('g', external), ledger.open('h'), ledger.pay([['g', 'h', 5]], at)])
  const records = [other.genesis(), other.claim(), other.open('i', external), other.open('j')]
  const commits = commitsOf([...records, other.pay([['i', 'j', 7]], at)])
  await otherWriter.prepare(otherClient, commits)
  otherWriter.fold(commits, [])
  try {
    await client.query('begin')
    await writer.take().write(client)
    await otherClient.query(`begin; set local lock_timeout = '5s'`)
    await otherWriter.take().write(otherClient)
    await otherClient.query('commit')
    await client.query('commit')
  } finally {
    otherClient.release(true)
  }
  const { rows } = await client.query(
    `select partition, type, in_minor::int, out_minor::int, entries::int from ${schema}.quarter_total
     where quarter = '2026-04-01T12:00:00.000Z' order by partition, type`,
  )
  assert.deepEqual(rows, [
    { partition: 0, type: 'customer', in_minor: 5, out_minor: 0, entries: 1 },
    { partition: 0, type: 'external', in_minor: 0, out_minor: 5, entries: 1 },
    { partition: 1, type: 'customer', in_minor: 7, out_minor: 0, entries: 1 },
    { partition: 1, type: 'external', in_minor: 0, out_minor: 7, entries: 1 },
  ])
})

test('an account that is moved in the chart, or called otherwise, keeps its money and its entries', async () => {
  await project([ledger.open('moved', { ...external, name: 'Cash' }), ledger.open('stays')])
  await project([ledger.pay([['moved', 'stays', 7]]), ledger.change('moved', { path: 'assets/cash/desk', name: null })])
  const stands = async () => {
    const found = await client.query(
      `select account_id, name, path, balance_minor::text from ${schema}.ledger_account
       where account_id in ('moved', 'stays') order by 1`,
    )
    return found.rows.map((row) => [row.account_id, row.name, row.path, row.balance_minor])
  }
  const unmoved = ['stays', null, 'liabilities/customers/eur', '7']
  assert.deepEqual(await stands(), [['moved', null, 'assets/cash/desk', '-7'], unmoved])
  await project([ledger.change('moved', { path: null })])
  assert.deepEqual(await stands(), [['moved', null, 'assets/external/eur', '-7'], unmoved])
})

test('a withdrawn statement keeps its row, and says who withdrew it, why, and what was approved', async () => {
  const statement = {
    ...{ accountId: 'moved', statementId: 'S', iban: 'NL1', currency: 'EUR', from: '2026-03-01', to: '2026-03-01' },
    ...{ opening: '0', closing: '0', lines: [] },
  }
  await project([ledger.statement(statement), ledger.statement({ ...statement, to: '2026-03-02' })])
  const { seq } = ledger.position()
  const personal = { form: 'plain', data: { reason: 'of another account' } }
  const maker = { subject: 'finance:fiona', client: 'tests' }
  const data = { accountId: 'moved', statementId: 'S', position: `0:${seq}`, personal }
  const events = [
    { type: 'CommandApproved', version: 2, data: { proposalId: 'prp-0-9', maker } },
    { type: 'StatementWithdrawn', version: 1, data },
  ]
  await project([ledger.decide('ApproveCommand', events, { actor: 'finance:frank' })])
  const { rows } = await client.query(
    `select statement.seq::int, w.seq::int as withdrawn_at, w.actor, w.approved_by, w.reason, w.proposal_id
     from ${schema}.bank_statement statement left join ${schema}.bank_statement_withdrawal w
       on w.tenant = statement.tenant and w.account_id = statement.account_id and w.statement_seq = statement.seq
     where statement.account_id = 'moved' order by 1`,
  )
  const none = { withdrawn_at: null, actor: null, approved_by: null, reason: null, proposal_id: null }
  const given = { actor: 'finance:fiona', approved_by: 'finance:frank' }
  const by = { ...given, reason: 'of another account', proposal_id: 'prp-0-9' }
  assert.deepEqual(rows, [
    { seq: seq - 1, ...none },
    { seq, withdrawn_at: seq + 1, ...by },
  ])
})
