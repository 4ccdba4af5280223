import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createLedger, type FixturePosting } from '@micropay/event-log/ledger.fixture'
import { openMemoryLog } from '@micropay/event-log/memory/event-log'
import { reconciliationProjection } from '@micropay/projections/reconciliation/projection'
import { type ReconciliationTables, reconciliationVersion } from '@micropay/projections/reconciliation/tables'
import { startWorker, type Worker } from '@micropay/projections/serve/worker'
import { type OpenTestDatabase, openTestDatabase } from '@micropay/projections/versions/test-database.fixture'
import { systemClock } from '@micropay/runtime/clock'
import type { Http } from '@micropay/runtime/http'
import { createLogger } from '@micropay/runtime/logger'
import { Problem } from '@micropay/schemas/api/problem'
import { ChartOfAccounts, DailyTotals, TrialBalance } from '@micropay/schemas/api/reconciliation'
import { OwnerId } from '@micropay/schemas/identifiers'
import { MAX_AMOUNT_MINOR, MAX_BALANCE_MINOR } from '@micropay/schemas/money'
import type { z } from 'zod'
import { type OpenReader, openReader } from '../position/open-reader.ts'
import { buildReconciliationApp } from './build-reconciliation-app.ts'

const log = openMemoryLog()
const ledger = createLedger()
const logger = createLogger('test', 'silent')
let database: OpenTestDatabase
let reader: OpenReader<ReconciliationTables>
let worker: Worker
let app: Http

/** As many payments of a hundred of the largest postings as this takes. */
function moving(from: string, to: string, total: bigint, day: string) {
  const amounts = Array.from({ length: Number(total / MAX_AMOUNT_MINOR) }, () => MAX_AMOUNT_MINOR)
  amounts.push(total % MAX_AMOUNT_MINOR)
  const postings = amounts.map((amount): FixturePosting => [from, to, amount])
  const payments = Array.from({ length: Math.ceil(postings.length / 100) }, (_, index) =>
    postings.slice(100 * index, 100 * index + 100),
  )
  return payments.map((some) => ledger.pay(some, { effectiveAt: `${day}T12:00:00.000Z` }))
}

/**
 * Two accounts at the largest balance, against two banks of which one is at the least one. By value date ada had twice
 * that on the 2nd: what she paid out was booked between the two deposits, and counts on the 3rd.
 */
before(async () => {
  database = await openTestDatabase()
  await log.prepare(1)
  const appender = await log.openAppender(0)
  const bank = { type: 'external', overdraftLimit: 'unlimited' } as const
  await appender.append([
    ...[ledger.genesis(), ledger.claim(), ledger.open('bank1', bank), ledger.open('bank2', bank)],
    ...[ledger.open('ada'), ledger.open('ben'), ledger.open('eve')],
    ...moving('bank1', 'ada', MAX_BALANCE_MINOR, '2026-03-02'),
    ...moving('ada', 'bank1', MAX_BALANCE_MINOR, '2026-03-03'),
    ...moving('bank1', 'ada', MAX_BALANCE_MINOR, '2026-03-02'),
    ...moving('bank2', 'ben', MAX_BALANCE_MINOR, '2026-03-03'),
    ...moving('bank1', 'eve', 1n, '2026-03-03'),
  ])
  worker = startWorker({
    ...{ log, pool: database.pool, databaseUrl: database.url, clock: systemClock, logger },
    ...{ projection: reconciliationProjection, partitions: 1 },
  })
  const { url: databaseUrl } = database
  reader = openReader({ service: 'reconciliation', ...reconciliationVersion, databaseUrl, clock: systemClock, logger })
  app = await buildReconciliationApp({
    ...{ ...reader, logger, cursorSecret: 'a secret for tests alone' },
    verifyToken: async () => ({
      ...{ subject: OwnerId.parse('finance:fiona'), client: 'tests', tenant: 'acme' },
      ...{ scopes: new Set(['reconciliation:read']), expiresAt: Number.POSITIVE_INFINITY },
    }),
  })
})
after(async () => {
  await app.close()
  await worker.close()
  await reader.close()
  await log.close()
  await database.close()
})

async function get(url: string) {
  const headers = { authorization: 'any', 'at-least': `0:${ledger.position().seq}`, prefer: 'wait=10' }
  const answer = await app.inject({ method: 'GET', url, headers })
  assert.equal(answer.statusCode, 200, answer.body)
  return answer
}

async function read<Schema extends z.ZodType>(url: string, schema: Schema): Promise<z.infer<Schema>> {
  return schema.parse((await get(url)).json())
}

const most = MAX_BALANCE_MINOR
const all = 2n * most + 1n
const text = (minor: bigint) => minor.toString()
const booked: readonly (readonly [string, bigint])[] = [
  ...([['bank1', -most - 1n] as const, ['bank2', -most] as const] as const),
  ...([['eve', 1n] as const, ['ada', most] as const, ['ben', most] as const] as const),
]

for (const asOf of ['', '&position=0:', '&day=2026-03-03']) {
  test(`the trial balance adds up what int8 cannot hold, in every order, page by page: ${asOf || 'now'}`, async () => {
    const at = asOf.endsWith(':') ? `${asOf}${ledger.position().seq}` : asOf
    const { totals } = await read(`/v1/trial-balance?limit=1${at}`, TrialBalance)
    assert.deepEqual(totals, [{ currency: 'EUR', accounts: 5, debit: text(all), credit: text(all) }])
    for (const sort of ['-debit', 'credit', 'debit', '-credit']) {
      const found: [string, bigint][] = []
      for (let next: string | null = ''; next !== null; ) {
        const cursor: string = next && `&cursor=${next}`
        const page: TrialBalance = await read(`/v1/trial-balance?sort=${sort}&limit=1${at}${cursor}`, TrialBalance)
        found.push(
          ...page.items.map((row): [string, bigint] => [row.accountId, BigInt(row.credit) - BigInt(row.debit)]),
        )
        next = page.next
      }
      const isUp = sort === '-debit' || sort === 'credit'
      const balances = booked.map(([, balance]) => balance)
      assert.deepEqual(
        found.map(([, balance]) => balance),
        isUp ? balances : balances.toReversed(),
        sort,
      )
      assert.deepEqual(found.sort(), [...booked].sort())
    }
    const file = await get(`/v1/trial-balance?format=csv${at}`)
    assert.match(file.body, /bank1,,external,[^\n]*,EUR,92233720368547758\.08,0\.00/)
  })
}

test('a balance as of a day may be one that no account could have by booking', async () => {
  const { totals, items } = await read('/v1/trial-balance?day=2026-03-02&sort=-credit', TrialBalance)
  assert.deepEqual(totals, [{ currency: 'EUR', accounts: 2, debit: text(2n * most), credit: text(2n * most) }])
  assert.deepEqual(
    items.map(({ accountId, debit, credit }) => [accountId, debit, credit]),
    [
      ['ada', '0', text(2n * most)],
      ['bank1', text(2n * most), '0'],
    ],
  )
})

for (const asOf of ['', '&day=2026-03-03']) {
  test(`a place in the chart adds up what int8 cannot hold: ${asOf || 'now'}`, async () => {
    const { items } = await read(`/v1/chart-of-accounts?format=json${asOf}`, ChartOfAccounts)
    const sides = new Map(items.map(({ path, debit, credit }) => [path, [debit, credit]]))
    assert.deepEqual(sides.get('assets'), [text(all), '0'])
    assert.deepEqual(sides.get('liabilities/customers/eur'), ['0', text(all)])
    const file = await get(`/v1/chart-of-accounts?format=csv${asOf}`)
    assert.match(file.body, /\nassets,EUR,2,184467440737095516\.15,0\.00/)
  })
}

test('daily totals add up what int8 cannot hold, of all and of one account', async () => {
  const totals = async (query: string) => {
    const { items } = await read(`/v1/daily-totals?from=2026-03-02&to=2026-03-03&${query}`, DailyTotals)
    return items.map((total) => [total.day, total.group, BigInt(total.in), BigInt(total.out)])
  }
  assert.deepEqual(await totals('by=none'), [
    ['2026-03-02', '', 2n * most, 2n * most],
    ['2026-03-03', '', 2n * most + 1n, 2n * most + 1n],
  ])
  assert.deepEqual(await totals('by=account&account=ada'), [
    ['2026-03-02', 'ada', 2n * most, 0n],
    ['2026-03-03', 'ada', 0n, most],
  ])
  const file = await get('/v1/daily-totals?from=2026-03-02&to=2026-03-02&by=none&format=csv')
  assert.match(file.body, /2026-03-02,EUR,184467440737095516\.14,184467440737095516\.14,/)
})

test('a sum of 38 digits is told in answers and files, and of one more it is said that none holds it', async () => {
  const { rows } = await database.pool.query(`select schema_name from projection.version where state = 'live'`)
  const schema: unknown = rows[0]?.schema_name
  const longest = '9'.repeat(38)
  /** As if ada's first payment and what is derived of it were that large, and there were no other. */
  const setTo = async (minor: string) => {
    for (const [table, others] of [
      ['movement', `account_id <> 'ada' or quarter >= '2026-03-03'`],
      ['account_month', `account_id <> 'ada'`],
      ['quarter_total', `type <> 'customer' or quarter >= '2026-03-03'`],
    ]) {
      await database.pool.query(`delete from ${schema}.${table} where ${others}`)
      await database.pool.query(`update ${schema}.${table} set in_minor = ${minor}, out_minor = 0`)
    }
  }
  const days = 'from=2026-03-02&to=2026-03-02'
  const paths = [
    ...[`/v1/daily-totals?${days}&by=none`, `/v1/daily-totals?${days}&by=account&account=ada`],
    ...['/v1/trial-balance?day=2026-04-30', '/v1/chart-of-accounts?day=2026-04-30'],
  ]
  await setTo(longest)
  for (const path of paths) {
    assert.match((await get(path)).body, new RegExp(`"${longest}"`), path)
    assert.match((await get(`${path}&format=csv`)).body, /,9{36}\.99[,\r]/, path)
  }
  const checklist = '/v1/periods/checklist?through=2026-04-30'
  assert.match((await get(checklist)).body, new RegExp(`"${longest}"`))
  await setTo(`1${'0'.repeat(38)}`)
  for (const path of [...paths, ...paths.map((one) => `${one}&format=csv`), checklist]) {
    const answer = await app.inject({ method: 'GET', url: path, headers: { authorization: 'any' } })
    assert.equal(answer.statusCode, 400, `${path}: ${answer.body}`)
    const { code, detail } = Problem.parse(answer.json())
    assert.equal(code, 'invalid_request')
    assert.match(detail, /^amounts add up to more than 38 digits here: ask for fewer days/)
  }
})
