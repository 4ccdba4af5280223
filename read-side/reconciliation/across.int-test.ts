import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { after, before, test } from 'node:test'
import { createPartitions, idOn } from '@micropay/event-log/across.fixture'
import type { Appender } from '@micropay/event-log/event-log'
import { openMemoryLog } from '@micropay/event-log/memory/event-log'
import { reconciliationProjection } from '@micropay/projections/reconciliation/projection'
import { type ReconciliationTables, reconciliationVersion } from '@micropay/projections/reconciliation/tables'
import { startWorker, type Worker } from '@micropay/projections/serve/worker'
import { type OpenTestDatabase, openTestDatabase } from '@micropay/projections/versions/test-database.fixture'
import { systemClock } from '@micropay/runtime/clock'
import type { Http } from '@micropay/runtime/http'
import { createLogger } from '@micropay/runtime/logger'
import { digestOfSeals } from '@micropay/runtime/period-seals'
import { PeriodChecked, PeriodChecklist, PeriodList } from '@micropay/schemas/api/period'
import { DailyTotals, LedgerEntryPage, TrialBalance, UnderWay } from '@micropay/schemas/api/reconciliation'
import { OwnerId } from '@micropay/schemas/identifiers'
import { type OpenReader, openReader } from '../position/open-reader.ts'
import { buildReconciliationApp } from './build-reconciliation-app.ts'

const [ada, bank, cid] = [idOn(0, 3, 'ada'), idOn(1, 3, 'bank'), idOn(2, 3, 'cid')]
const ledger = createPartitions(3)
for (const account of [ada, bank, cid]) ledger.open(account)
const log = openMemoryLog()
const logger = createLogger('test', 'silent')
const shown = [0, 0, 0]
let appenders: Appender[]
let database: OpenTestDatabase
let reader: OpenReader<ReconciliationTables>
let worker: Worker
let app: Http

before(async () => {
  database = await openTestDatabase()
  await log.prepare(3)
  appenders = await Promise.all([0, 1, 2].map((partition) => log.openAppender(partition)))
  const source = { databaseUrl: database.url, clock: systemClock, logger }
  reader = openReader<ReconciliationTables>({
    ...source,
    service: 'reconciliation',
    version: reconciliationVersion.version,
  })
  app = await buildReconciliationApp({
    ...{ ...reader, logger, cursorSecret: 'a secret for tests alone' },
    verifyToken: async () => ({
      ...{ subject: OwnerId.parse('finance:fay'), tenant: 'acme', scopes: new Set(['reconciliation:read']) },
      ...{ expiresAt: Date.now() + 3_600_000, client: 'tests' },
    }),
  })
  for (const partition of shown.keys()) await append(partition)
  worker = startWorker({ ...source, log, pool: database.pool, projection: reconciliationProjection })
  for (const partition of shown.keys()) await awaitRead(partition)
})
after(async () => {
  await app?.close()
  await worker?.close()
  await reader?.close()
  await log.close()
  await database?.close()
})

async function append(partition: number): Promise<void> {
  const records = ledger.records[partition] ?? []
  await appenders[partition]?.append(records.slice(shown[partition]))
  shown[partition] = records.length
}
async function awaitRead(partition: number): Promise<void> {
  const { seq } = ledger.ledgerOf(partition).position()
  await get('/v1/under-way', { 'at-least': `${partition}:${seq}`, prefer: 'wait=10' })
}
async function show(partition: number): Promise<void> {
  await append(partition)
  await awaitRead(partition)
}
async function get(url: string, headers: Record<string, string> = {}) {
  const response = await app.inject({ method: 'GET', url, headers: { authorization: 'Bearer fay', ...headers } })
  assert.equal(response.statusCode, 200, response.body)
  return response
}

/** What accounts and transit stand at, and that both together are nothing. */
async function balance(query = '') {
  const { totals, underWay, items } = TrialBalance.parse((await get(`/v1/trial-balance${query}`)).json())
  let sum = 0n
  for (const { debit, credit } of [...totals, ...underWay]) sum += BigInt(credit) - BigInt(debit)
  assert.equal(sum, 0n, query)
  const told = items.map(({ accountId, debit, credit }) => `${accountId} ${BigInt(credit) - BigInt(debit)}`)
  return [
    ...told,
    ...underWay.map(({ partitions, debit, credit }) => `${partitions} ${BigInt(credit) - BigInt(debit)}`),
  ]
}
const underWay = async () => UnderWay.parse((await get('/v1/under-way')).json())

test('what left one partition and has not come to the other stands under way, with its age', async () => {
  const payment = ledger.begin(
    [
      [ada, -300],
      [bank, 300],
    ],
    { reference: 'INV-7', effectiveAt: '2026-02-03T09:00:00.000Z' },
  )
  payment.prepare(1)
  await show(0)
  assert.deepEqual(await balance(), [])
  const { payments, oldest, items } = await underWay()
  assert.deepEqual([payments, oldest], [1, '2026-03-01T09:00:01.000Z'])
  assert.deepEqual(items, [
    {
      ...{ paymentId: 'pay-0-2', position: '0:2', state: 'deciding', since: '2026-03-01T09:00:01.000Z' },
      ...{ deadline: '2026-03-01T09:01:00.000Z', partitions: [0, 1], reference: 'INV-7' },
      amounts: [{ currency: 'EUR', amount: '300' }],
    },
  ])
  payment.complete()
  payment.post(1)
  await show(0)
  assert.deepEqual(await balance(), [`${ada} -300`, '0,1 300'])
  assert.deepEqual(
    (await underWay()).items.map(({ state }) => state),
    ['posting'],
  )
  await show(1)
  assert.deepEqual(await balance(), [`${ada} -300`, `${bank} 300`])
  payment.end()
  await show(0)
  const { items: left, transit, oldest: none } = await underWay()
  assert.deepEqual([left, transit, none], [[], [], null])
})

test('the same stood under way at a position between, and never on a day, by which both count', async () => {
  assert.deepEqual(await balance('?position=0:3,1:1,2:1'), [`${ada} -300`, '0,1 300'])
  assert.deepEqual(await balance('?position=0:4,1:3,2:1'), [`${ada} -300`, `${bank} 300`])
  assert.deepEqual(await balance('?position=0:2,1:3,2:1'), [`${bank} 300`, '0,1 -300'])
  assert.deepEqual(await balance('?day=2026-02-02'), [])
  assert.deepEqual(await balance('?day=2026-02-03'), [`${ada} -300`, `${bank} 300`])
})

test('who was read first stands under way the other way round, and of a part of accounts nothing does', async () => {
  const payment = ledger.begin([
    [cid, -10],
    [ada, 10],
  ])
  payment.post(0, false)
  await show(0)
  assert.deepEqual(await balance(), [`${ada} -290`, `${bank} 300`, '0,2 -10'])
  assert.deepEqual(TrialBalance.parse((await get('/v1/trial-balance?text=ada')).json()).underWay, [])
  assert.deepEqual(TrialBalance.parse((await get('/v1/trial-balance?currency=USD')).json()).underWay, [])
  payment.complete(true)
  await show(2)
  assert.deepEqual(await balance(), [`${cid} -10`, `${ada} -290`, `${bank} 300`])
})

test('an entry says the reference and the other side, and both sides count on their day', async () => {
  const { items } = LedgerEntryPage.parse((await get(`/v1/trial-balance/${encodeURIComponent(bank)}/entries`)).json())
  assert.deepEqual(
    items.map(({ paymentId, counterparty, reference, amount }) => [paymentId, counterparty, reference, amount]),
    [['pay-0-2', ada, 'INV-7', '300']],
  )
  const daily = await get('/v1/daily-totals?from=2026-02-03&to=2026-02-03&by=none&zone=UTC')
  assert.deepEqual(
    DailyTotals.parse(daily.json()).items.map((each) => [each.in, each.out, each.entries]),
    [['300', '300', 2]],
  )
  assert.doesNotMatch((await get('/v1/trial-balance')).body, /transit/)
})

test('what is written off stands in suspense, and on its way no more; what is opened again is under way', async () => {
  const lost = ledger.begin(
    [
      [cid, -70],
      [bank, 70],
    ],
    { lostAt: 900_001 },
  )
  lost.post(1, false)
  await show(1)
  assert.deepEqual((await balance()).slice(-1), ['1,2 -70'])
  lost.writeOff(1)
  await show(1)
  assert.deepEqual(await balance(), ['suspense/1/EUR -70', `${cid} -10`, `${ada} -290`, `${bank} 370`])
  const entries = await get('/v1/trial-balance/suspense%2F1%2FEUR/entries')
  assert.deepEqual(
    LedgerEntryPage.parse(entries.json()).items.map(({ paymentId, amount }) => [paymentId, amount]),
    [['pay-2-900001', '-70']],
  )
  const again = ledger.begin([
    [ada, -5],
    [bank, 5],
  ])
  again.complete()
  again.end()
  again.reopen([1])
  await show(0)
  assert.deepEqual(
    (await underWay()).items.map(({ paymentId, state }) => [paymentId, state]),
    [[again.paymentId, 'posting']],
  )
  again.force(1, true)
  again.end()
  await show(1)
  await show(0)
  assert.deepEqual((await underWay()).items, [])
  assert.deepEqual((await balance())[0], 'suspense/1/EUR -65')
  // Staff settle it as they move any other money.
  ledger.write(1, ledger.ledgerOf(1).pay([[bank, 'suspense/1/EUR', 65]]))
  await show(1)
  assert.doesNotMatch((await get('/v1/trial-balance')).body, /suspense/)
})

test('who pays across partitions is counted by operation and purpose on both, and so is who gets it back', async () => {
  const [effectiveAt, day] = ['2026-02-05T09:00:00.000Z', 'from=2026-02-05&to=2026-02-05&zone=UTC']
  const totals = async (query: string) => {
    const { items } = DailyTotals.parse((await get(`/v1/daily-totals?${day}&${query}`)).json())
    return items.map((total) => `${total.group} +${total.in} -${total.out} ${total.entries}`)
  }
  const amounts = async (query: string) => {
    const url = `/v1/trial-balance/${encodeURIComponent(bank)}/entries?${query}`
    return LedgerEntryPage.parse((await get(url)).json()).items.map(({ amount }) => amount)
  }
  const rent = { metadata: { operation: 'rent', purpose: 'flat' }, effectiveAt }
  const pay = (legs: Parameters<typeof ledger.begin>[0], more = {}) => {
    const payment = ledger.begin(legs, { ...rent, ...more })
    payment.post(1, false)
    payment.complete(true)
    return payment
  }
  const { paymentId } = pay([
    [ada, -40],
    [bank, 40],
  ])
  ledger
    .begin(
      [
        [ada, -1],
        [bank, 1],
      ],
      rent,
    )
    .fail()
  await show(1)
  assert.deepEqual(await totals('by=operation'), [' +40 -0 1'])
  await show(0)
  assert.deepEqual(await totals('by=operation'), ['rent +40 -40 2'])
  assert.deepEqual(await totals('by=purpose&operation=rent'), ['flat +40 -40 2'])
  assert.deepEqual(await totals('by=account&operation=rent'), [`${ada} +0 -40 1`, `${bank} +40 -0 1`])
  assert.deepEqual(await totals('by=account&operation='), [])
  assert.deepEqual(await amounts('operation=rent'), ['40'])
  assert.equal((await amounts('operation=')).includes('40'), false)
  const back = [
    [ada, 15],
    [bank, -15],
  ] as const
  pay(back, { reverses: { paymentId, whole: false }, metadata: { operation: 'refund' } })
  await show(0)
  await show(1)
  assert.deepEqual(await totals('by=operation'), ['refund +15 -15 2', 'rent +40 -40 2'])
  assert.deepEqual(await totals('by=none'), [' +55 -55 4'])
})

const endOfDays = '2026-02-02T00:00:00.000Z'
const checklist = async () => PeriodChecklist.parse((await get('/v1/periods/checklist?through=2026-02-01')).json())

test('a checklist has a seal of each partition; what is between two is under way, and not out of balance', async () => {
  const payment = ledger.begin(
    [
      [ada, -40],
      [bank, 40],
    ],
    { effectiveAt: '2026-02-01T09:00:00.000Z' },
  )
  payment.prepare(1)
  payment.complete()
  await show(0)
  const { isBalanced, underWay: between, seals = [] } = await checklist()
  assert.deepEqual(
    [isBalanced, between?.map(({ partitions, credit }) => [partitions, credit])],
    [true, [[[0, 1], '40']]],
  )
  assert.equal(digestOfSeals(seals), (await checklist()).digest)
  const digests = seals.map(({ digest }) => digest)
  assert.deepEqual(
    digests,
    [`${ada}\tEUR\t-40\n`, '', ''].map((lines) => hash('sha256', lines, 'base64url')),
  )
  closingIn([0], { seals, until: '2026-03-01T09:20:00.000Z' })
  await show(0)
  const { underWay: waits } = await period()
  assert.deepEqual(waits?.payments, [{ paymentId: payment.paymentId, partitions: [0, 1] }])
  assert.deepEqual(
    waits?.partitions.map(({ state }) => state),
    ['waiting', 'not reached', 'not reached'],
  )
  payment.post(1)
  payment.end()
})

test('a period is closing until it is closed, by whoever asked for it, and sealed where all agree', async () => {
  closingIn([1, 2])
  for (const partition of [1, 2]) write(partition, 'StepPeriod', 'PeriodSealed', { periodId, touched: 0 })
  await Promise.all([show(0), show(1), show(2)])
  assert.deepEqual(
    (await period()).underWay?.partitions.map(({ state }) => state),
    ['waiting', 'sealed', 'sealed'],
  )
  const { seals = [], digest } = await checklist()
  write(0, 'StepPeriod', 'PeriodClosed', { ...days, seq: 1, digest, seals })
  write(1, 'TakeFact', 'PeriodClosed', { ...days, seq: 1, digest, seals })
  await Promise.all([show(0), show(1)])
  const { status, closedBy, underWay: waits, agrees, totals } = await period()
  assert.deepEqual([status, closedBy, waits, totals.length], ['closed', 'finance:fay', undefined, 1])
  // It was begun with other figures.
  assert.equal(agrees, false)
  const list = PeriodList.parse((await get('/v1/periods')).json())
  assert.deepEqual([list.firstOpenDay, list.items.length], ['2026-02-02', 1])
})

let periodId = ''
const days = { periodId: '', through: '2026-02-01', zone: 'UTC', before: endOfDays }
const period = async () => PeriodChecked.parse((await get(`/v1/periods/${periodId}`)).json())
let begun: Record<string, unknown> = {}

function write(
  partition: number,
  type: 'ClosePeriod' | 'TakeFact' | 'StepPeriod',
  event: string,
  data: Record<string, unknown>,
): void {
  const events = [{ type: event, version: 1, data }]
  ledger.write(partition, ledger.ledgerOf(partition).decide(type, events, { actor: 'finance:fay' }))
}

function closingIn(partitions: readonly number[], more: Record<string, unknown> = begun): void {
  const digest = 'd'.repeat(43)
  if (periodId === '') periodId = `prd-0-${ledger.ledgerOf(0).position().seq + 1}`
  begun = more
  Object.assign(days, { periodId })
  for (const partition of partitions) {
    const data = { ...days, seq: 1, digest, ...more }
    write(partition, partition === 0 ? 'ClosePeriod' : 'TakeFact', 'PeriodClosing', data)
  }
}
