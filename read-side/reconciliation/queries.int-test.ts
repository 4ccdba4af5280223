import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Appender } from '@micropay/event-log/event-log'
import { createLedger } from '@micropay/event-log/ledger.fixture'
import { openMemoryLog } from '@micropay/event-log/memory/event-log'
import { reconciliationProjection } from '@micropay/projections/reconciliation/projection'
import { type ReconciliationTables, reconciliationVersion } from '@micropay/projections/reconciliation/tables'
import { startWorker, type Worker } from '@micropay/projections/serve/worker'
import { type OpenTestDatabase, openTestDatabase } from '@micropay/projections/versions/test-database.fixture'
import { systemClock } from '@micropay/runtime/clock'
import type { Http } from '@micropay/runtime/http'
import { createLogger } from '@micropay/runtime/logger'
import {
  ChartOfAccounts,
  DailyTotals,
  LedgerEntryPage,
  Reconciliation,
  ReconciliationPage,
  TrialBalance,
} from '@micropay/schemas/api/reconciliation'
import { OwnerId } from '@micropay/schemas/identifiers'
import type { z } from 'zod'
import { EXAMINED_ROWS } from '../answer/conditions.ts'
import { type OpenReader, openReader } from '../position/open-reader.ts'
import { buildReconciliationApp } from './build-reconciliation-app.ts'
import { MOST_ACCOUNTS } from './reconciliation-routes.ts'

const log = openMemoryLog()
const ledger = createLedger()
const logger = createLogger('test', 'silent')
let database: OpenTestDatabase
let reader: OpenReader<ReconciliationTables>
let worker: Worker
let app: Http
let appender: Appender

before(async () => {
  database = await openTestDatabase()
  await log.prepare(1)
  appender = await log.openAppender(0)
  const at = (day: string, time = '12:00:00') => ({ effectiveAt: `${day}T${time}.000Z` })
  await appender.append([
    ledger.genesis(),
    ledger.claim(),
    ledger.open('bank', { type: 'external', overdraftLimit: 'unlimited', name: '=cmd()' }),
    ledger.open('ada', { name: 'Ada' }),
    ledger.open('fees', { type: 'internal', overdraftLimit: 'unlimited' }),
    ledger.open('abroad', { tenant: 'other' }),
    ledger.pay([['bank', 'ada', 1000]], {
      ...at('2026-01-10'),
      reference: 'E2E-1',
      metadata: { operation: 'transfer' },
    }),
    ledger.pay([['ada', 'fees', 10]], {
      ...at('2026-01-10', '23:30:00'),
      metadata: { operation: 'fee', purpose: 'account' },
    }),
    ledger.pay([['ada', 'bank', 300]], {
      ...at('2026-01-20'),
      reference: 'E2E-2',
      metadata: { operation: 'transfer' },
    }),
    ledger.pay([['bank', 'ada', 50]], { ...at('2026-01-20'), reference: 'E2E-3' }),
    ledger.statement({
      ...{ accountId: 'bank', statementId: 'jan', iban: 'NL1', currency: 'EUR' },
      ...{ from: '2026-01-10', to: '2026-01-20', opening: '0', closing: '690' },
      lines: [
        { amount: '1000', bookedOn: '2026-01-11', references: ['e2e-1'] },
        { amount: '-299', bookedOn: '2026-01-20', references: ['E2E-2'] },
        { amount: '-11', bookedOn: '2026-01-20', references: ['UNKNOWN'] },
      ],
    }),
    ledger.open('desk', { type: 'external', overdraftLimit: 'unlimited' }),
    ledger.statement({
      ...{ accountId: 'desk', statementId: 'till', iban: 'NL2', currency: 'EUR' },
      ...{ from: '2026-01-20', to: '2026-01-20', opening: '0', closing: '0', lines: [] },
    }),
  ])
  const source = { databaseUrl: database.url, clock: systemClock, logger }
  worker = startWorker({ ...source, log, pool: database.pool, projection: reconciliationProjection })
  reader = openReader({ ...reconciliationVersion, ...source, service: 'reconciliation' })
  app = await buildReconciliationApp({
    ...{ ...reader, logger, cursorSecret: 'a secret for tests alone' },
    verifyToken: async (tenant = '') => ({
      ...{ subject: OwnerId.parse('finance:fiona'), client: 'tests', tenant },
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

async function get(path: string, tenant = 'acme') {
  const headers = { authorization: tenant, 'at-least': `0:${ledger.position().seq}`, prefer: 'wait=10' }
  return app.inject({ method: 'GET', url: path, headers })
}

async function read<Schema extends z.ZodType>(path: string, schema: Schema, tenant = 'acme'): Promise<z.infer<Schema>> {
  const answer = await get(path, tenant)
  assert.equal(answer.statusCode, 200, answer.body)
  return schema.parse(answer.json())
}

const balancesAt = async (query: string) => {
  const { items, totals } = await read(`/v1/trial-balance${query}`, TrialBalance)
  for (const total of totals) assert.equal(total.debit, total.credit, 'debits equal credits')
  return items.map((row) => `${row.accountId} ${row.debit}/${row.credit}`)
}

test('the trial balance of now, of a day and of a position', async () => {
  assert.deepEqual(await balancesAt(''), ['ada 0/740', 'bank 750/0', 'fees 0/10'])
  assert.deepEqual(await balancesAt('?day=2026-01-19'), ['ada 0/990', 'bank 1000/0', 'fees 0/10'])
  assert.deepEqual(await balancesAt('?day=2026-01-09'), [])
  assert.deepEqual(await balancesAt('?position=0:5'), ['ada 0/1000', 'bank 1000/0'])
  assert.deepEqual(await balancesAt('?position=0:4'), [])
})

test('a day ends when the reporting time zone says so', async () => {
  assert.deepEqual(await balancesAt('?day=2026-01-10&zone=UTC'), ['ada 0/990', 'bank 1000/0', 'fees 0/10'])
  assert.deepEqual(await balancesAt('?day=2026-01-10&zone=Europe/Prague'), ['ada 0/1000', 'bank 1000/0'])
})

test('the trial balance is sorted by place and by the amounts of a side, over all pages', async () => {
  assert.deepEqual(await balancesAt('?sort=-credit'), ['ada 0/740', 'fees 0/10', 'bank 750/0'])
  assert.deepEqual(await balancesAt('?sort=-debit'), ['bank 750/0', 'fees 0/10', 'ada 0/740'])
  assert.deepEqual(await balancesAt('?sort=-account'), ['fees 0/10', 'bank 750/0', 'ada 0/740'])
  assert.deepEqual(await balancesAt('?sort=path'), ['bank 750/0', 'fees 0/10', 'ada 0/740'])
  for (const sort of ['account', '-account', 'path', '-path', 'debit', '-debit', 'credit', '-credit']) {
    const whole = await read(`/v1/trial-balance?sort=${sort}`, TrialBalance)
    const first = await read(`/v1/trial-balance?sort=${sort}&limit=2`, TrialBalance)
    const rest = await read(`/v1/trial-balance?sort=${sort}&limit=2&cursor=${first.next}`, TrialBalance)
    assert.deepEqual([...first.items, ...rest.items], whole.items, sort)
    assert.equal(rest.next, null)
  }
})

test('the trial balance is narrowed by a part of id, name or place, in which nothing is a wildcard', async () => {
  assert.deepEqual(await balancesAtText('ADA'), ['ada'])
  assert.deepEqual(await balancesAtText('external'), ['bank'])
  assert.deepEqual(await balancesAtText('=cmd('), ['bank'])
  assert.deepEqual(await balancesAtText('%'), [])
})

async function balancesAtText(text: string): Promise<string[]> {
  const { items } = await read(`/v1/trial-balance?text=${encodeURIComponent(text)}`, TrialBalance)
  return items.map((row) => row.accountId)
}

test('the chart of accounts nets what is below, at default places', async () => {
  const { items } = await read('/v1/chart-of-accounts', ChartOfAccounts)
  assert.deepEqual(
    items.map((node) => `${node.path} ${node.debit}/${node.credit}`),
    [
      'assets 750/0',
      'assets/external 750/0',
      'assets/external/eur 750/0',
      'income 0/10',
      'income/eur 0/10',
      'liabilities 0/740',
      'liabilities/customers 0/740',
      'liabilities/customers/eur 0/740',
    ],
  )
  const { items: rows } = await read('/v1/trial-balance?path=assets/external', TrialBalance)
  assert.deepEqual(
    rows.map((row) => row.accountId),
    ['bank'],
  )
})

test('a figure leads to its entries, page by page', async () => {
  const first = await read('/v1/trial-balance/ada/entries?limit=3', LedgerEntryPage)
  assert.deepEqual(
    first.items.map((entry) => entry.amount),
    ['50', '-300', '-10'],
  )
  const rest = await read(`/v1/trial-balance/ada/entries?limit=3&cursor=${first.next}`, LedgerEntryPage)
  assert.deepEqual(
    rest.items.map((entry) => entry.amount),
    ['1000'],
  )
  const oldest = await read('/v1/trial-balance/ada/entries?sort=value&limit=3', LedgerEntryPage)
  const newest = await read(`/v1/trial-balance/ada/entries?sort=value&limit=3&cursor=${oldest.next}`, LedgerEntryPage)
  assert.deepEqual(
    [...oldest.items, ...newest.items].map((entry) => entry.amount),
    ['1000', '-10', '-300', '50'],
  )
  const early = await read('/v1/trial-balance/ada/entries?position=0:5', LedgerEntryPage)
  assert.deepEqual(
    early.items.map((entry) => entry.amount),
    ['1000'],
  )
})

test('daily totals add up by operation, purpose and account, in the days of the zone', async () => {
  const totals = async (query: string) => {
    const { items } = await read(`/v1/daily-totals?from=2026-01-01&to=2026-01-31&${query}`, DailyTotals)
    return items.map((total) => `${total.day} ${total.group} +${total.in} -${total.out}`)
  }
  const customers = [
    '2026-01-10 fee +0 -10',
    '2026-01-10 transfer +1000 -0',
    '2026-01-20  +50 -0',
    '2026-01-20 transfer +0 -300',
  ]
  assert.deepEqual(await totals('by=operation&type=customer'), customers)
  assert.deepEqual(await totals('by=none&type=customer'), ['2026-01-10  +1000 -10', '2026-01-20  +50 -300'])
  assert.deepEqual(await totals('by=purpose&account=fees&zone=Europe/Prague'), ['2026-01-11 account +10 -0'])
  assert.deepEqual(await totals('by=account&type=external'), ['2026-01-10 bank +0 -1000', '2026-01-20 bank +300 -50'])
})

test('a total by operation or purpose leads to its accounts, and each of these to its entries', async () => {
  const [january, tenth] = ['from=2026-01-01&to=2026-01-31', 'from=2026-01-10&day=2026-01-10']
  const accountsOf = async (names: string) => {
    const { items } = await read(`/v1/daily-totals?by=account&${january}&${names}`, DailyTotals)
    return items.map((total) => `${total.day} ${total.group} +${total.in} -${total.out}`)
  }
  const entriesOf = async (account: string, query: string) => {
    const { items } = await read(`/v1/trial-balance/${account}/entries?${query}`, LedgerEntryPage)
    return items.map(({ amount }) => amount)
  }
  assert.deepEqual(await accountsOf('operation=fee'), ['2026-01-10 ada +0 -10', '2026-01-10 fees +10 -0'])
  assert.deepEqual(await accountsOf('operation=fee&purpose=account'), await accountsOf('operation=fee'))
  assert.deepEqual(await accountsOf('operation=transfer&purpose=account'), [])
  assert.deepEqual(await accountsOf('operation='), ['2026-01-20 ada +50 -0', '2026-01-20 bank +0 -50'])
  assert.deepEqual(await entriesOf('ada', tenth), ['-10', '1000'])
  assert.deepEqual(await entriesOf('ada', `${tenth}&operation=fee`), ['-10'])
  assert.deepEqual(await entriesOf('ada', `${tenth}&purpose=account`), ['-10'])
  assert.deepEqual(await entriesOf('ada', 'operation='), ['50'])
  assert.deepEqual(await entriesOf('ada', 'operation=%25'), [])
})

test('a statement against the ledger: matched, differing, missing here, missing there', async () => {
  const { items } = await read('/v1/reconciliations/jan?account=bank', Reconciliation)
  assert.deepEqual(
    items.map((item) => `${item.kind} ${item.line?.amount ?? ''} ${item.entry?.amount ?? ''}`),
    ['matched 1000 -1000', 'differing_amount -299 300', 'missing_here -11 ', 'missing_there  -50'],
  )
})

test('statements are listed newest import first, page by page', async () => {
  const first = await read('/v1/reconciliations?limit=1', ReconciliationPage)
  const second = await read(`/v1/reconciliations?limit=1&cursor=${first.next}`, ReconciliationPage)
  assert.deepEqual(
    [...first.items, ...second.items].map((item) => `${item.statementId} ${item.matched}`),
    ['till 0', 'jan 1'],
  )
  assert.equal(second.next, null)
})

test('each view is a CSV file too, and no cell of it runs as a formula', async () => {
  for (const path of [
    '/v1/trial-balance?format=csv',
    '/v1/chart-of-accounts?format=csv',
    '/v1/daily-totals?from=2026-01-01&to=2026-01-31&format=csv',
    '/v1/trial-balance/bank/entries?format=csv',
    '/v1/reconciliations/jan?account=bank&format=csv',
    '/v1/reconciliations?format=csv',
  ]) {
    const answer = await get(path)
    assert.equal(answer.statusCode, 200, answer.body)
    assert.match(JSON.stringify(answer.headers), /"private, no-store".*"text\/csv/)
    assert.ok(answer.body.split('\r\n').length > 2, answer.body)
  }
  assert.match(
    (await get('/v1/trial-balance?format=csv')).body,
    /bank,'=cmd\(\),external,assets\/external\/eur,EUR,7\.50,0\.00/,
  )
})

test('a file of totals by day alone has no column for what they are not added up by', async () => {
  const days = '/v1/daily-totals?from=2026-01-01&to=2026-01-31&format=csv'
  const headerOf = async (by: string) => (await get(`${days}&by=${by}`)).body.split('\r\n', 1)[0]
  assert.equal(await headerOf('none'), 'day,currency,in,out,entries')
  assert.equal(await headerOf('account'), 'day,account,currency,in,out,entries')
})

test('a name that few entries have is looked for in so many of them for one page, which then goes on', async () => {
  const tenant = 'busy'
  const pay = (day: string, operation: string) =>
    ledger.pay([['till', 'shop', 1]], { tenant, effectiveAt: `${day}T12:00:00.000Z`, metadata: { operation } })
  await appender.append([
    ledger.open('till', { tenant, type: 'external', overdraftLimit: 'unlimited' }),
    ledger.open('shop', { tenant }),
    pay('2025-01-01', 'rare'),
    ...Array.from({ length: EXAMINED_ROWS }, () => pay('2025-01-02', 'usual')),
    pay('2025-01-03', 'rare'),
  ])
  const path = '/v1/trial-balance/shop/entries?operation=rare'
  const first = await read(path, LedgerEntryPage, tenant)
  const second = await read(`${path}&cursor=${first.next}`, LedgerEntryPage, tenant)
  assert.deepEqual(
    [first, second].map(({ items }) => items.map(({ effectiveAt }) => effectiveAt.slice(0, 10))),
    [['2025-01-03'], ['2025-01-01']],
  )
  assert.equal(second.next, null)
  const file = await get(`${path}&format=csv`, tenant)
  assert.equal(file.body.trimEnd().split('\r\n').length, 3)
})

test('another tenant sees nothing of it', async () => {
  assert.deepEqual((await read('/v1/trial-balance', TrialBalance, 'other')).items, [])
  assert.equal((await get('/v1/trial-balance/ada/entries', 'other')).statusCode, 404)
  assert.equal((await get('/v1/reconciliations/jan?account=bank', 'other')).statusCode, 404)
})

test('pages by amount stay at the position of the first one while the ledger grows', async () => {
  const path = '/v1/trial-balance?sort=-credit&limit=1'
  const first = await read(path, TrialBalance)
  await appender.append([ledger.pay([['ada', 'fees', 735]])])
  assert.deepEqual(await balancesAt('?sort=-credit'), ['fees 0/745', 'ada 0/5', 'bank 750/0'])
  const second = await read(`${path}&cursor=${first.next}`, TrialBalance)
  const later = await get(`${path}&cursor=${second.next}`)
  const third = TrialBalance.parse(later.json())
  assert.equal(later.headers.position, `0:${ledger.position().seq - 1}`)
  assert.deepEqual(
    [...first.items, ...second.items, ...third.items].map((row) => `${row.accountId} ${row.debit}/${row.credit}`),
    ['ada 0/740', 'fees 0/10', 'bank 750/0'],
  )
})

const wrong: readonly [string, string][] = [
  ['a day and a position', '/v1/trial-balance?day=2026-01-01&position=0:1'],
  ['a position beyond the ledger', '/v1/trial-balance?position=0:99999'],
  ['a partition that is not there', '/v1/trial-balance?position=7:1'],
  ['a zone that is none', '/v1/trial-balance?day=2026-01-01&zone=Mars/Base'],
  ['a day that is none', '/v1/trial-balance?day=2026-02-30'],
  ['a wildcard as a path', '/v1/trial-balance?path=%25'],
  ['a forged cursor', '/v1/trial-balance?cursor=abc.def'],
  ['an order that there is not', '/v1/trial-balance?sort=name'],
  ['days in the wrong order', '/v1/daily-totals?from=2026-02-01&to=2026-01-01'],
  ['a thousand years', '/v1/daily-totals?from=1900-01-01&to=2899-01-01'],
]
for (const [title, path] of wrong) {
  test(`${title} is a 400 that says so`, async () => {
    const answer = await get(path)
    assert.equal(answer.statusCode, 400, answer.body)
    assert.equal(answer.json().code, 'invalid_request')
  })
}

test('a file of the statements of more than 50 accounts is a 400 that says to name one', async () => {
  const dates = { from: '2026-01-20', to: '2026-01-20', opening: '0', closing: '0', lines: [] }
  const file = '/v1/reconciliations?format=csv'
  const write = async (name: string) => {
    await appender.append([
      ledger.open(name, { type: 'external', overdraftLimit: 'unlimited' }),
      ledger.statement({ ...dates, accountId: name, statementId: name, iban: 'NL3', currency: 'EUR' }),
    ])
  }
  for (let count = 3; count <= MOST_ACCOUNTS; count += 1) await write(`desk-${count}`)
  assert.equal((await get(file)).statusCode, 200)
  await write('desk-51')
  const [many, long] = [await get(file), await get('/v1/reconciliations?limit=51')]
  assert.deepEqual([many.statusCode, long.json().detail], [400, '/limit must be a whole number from 1 to 50'])
  assert.match(many.json().detail, /more than 50 accounts: name one with account/)
  assert.equal((await get(`${file}&account=desk`)).statusCode, 200)
})
