import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
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
import { PeriodChecked, PeriodChecklist, PeriodList } from '@micropay/schemas/api/period'
import { DailyTotals, TrialBalance } from '@micropay/schemas/api/reconciliation'
import { OwnerId } from '@micropay/schemas/identifiers'
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
let appender: Appender

const at = (instant: string) => ({ effectiveAt: `${instant}:00.000Z` })

before(async () => {
  database = await openTestDatabase()
  await log.prepare(1)
  appender = await log.openAppender(0)
  await appender.append([
    ledger.genesis(),
    ledger.claim(),
    ledger.open('bank', { type: 'external', overdraftLimit: 'unlimited' }),
    ledger.open('Zoe'),
    ledger.open('ada'),
    ledger.open('cash', { type: 'external', overdraftLimit: 'unlimited' }),
    ledger.pay([['bank', 'ada', 1000]], { ...at('2026-01-10T12:00'), reference: 'A' }),
    ledger.pay([['ada', 'Zoe', 300]], at('2026-01-20T12:00')),
    ledger.pay([['Zoe', 'cash', 300]], at('2026-01-21T12:00')),
    // In Amsterdam it is February already.
    ledger.pay([['bank', 'Zoe', 50]], { ...at('2026-01-31T23:30'), reference: 'B' }),
    ledger.statement({
      ...{ accountId: 'bank', statementId: 'jan', iban: 'NL1', currency: 'EUR' },
      ...{ from: '2026-01-05', to: '2026-01-12', opening: '0', closing: '989' },
      lines: [
        { amount: '1000', bookedOn: '2026-01-10', references: ['A'] },
        { amount: '-11', bookedOn: '2026-01-12', references: ['UNKNOWN'] },
      ],
    }),
    ledger.statement({
      ...{ accountId: 'bank', statementId: 'jan-2', iban: 'NL1', currency: 'EUR' },
      ...{ from: '2026-01-15', to: '2026-01-20', opening: '989', closing: '989', lines: [] },
    }),
  ])
  worker = startWorker({
    ...{ log, pool: database.pool, databaseUrl: database.url, clock: systemClock, logger },
    ...{ projection: reconciliationProjection, partitions: 1 },
  })
  const { url: databaseUrl } = database
  reader = openReader({ service: 'reconciliation', ...reconciliationVersion, databaseUrl, clock: systemClock, logger })
  app = await buildReconciliationApp({
    ...{ ...reader, logger, cursorSecret: 'a secret for tests alone' },
    verifyToken: async (token = '') => {
      const [tenant = '', scope = 'reconciliation:read'] = token.split(' ')
      return {
        ...{ subject: OwnerId.parse('finance:fiona'), client: 'tests', tenant },
        ...{ scopes: new Set([scope]), expiresAt: Number.POSITIVE_INFINITY },
      }
    },
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

const sealOf = (lines: string) => hash('sha256', lines, 'base64url')
const nextSeq = () => ledger.position().seq + 1

/** As the write side would, of what the checklist says. */
async function close(through: string, actor = 'finance:fiona'): Promise<string> {
  const {
    from,
    zone,
    before: instant,
    seq,
    digest,
  } = await read(`/v1/periods/checklist?through=${through}`, PeriodChecklist)
  const periodId = `prd-0-${nextSeq()}`
  const data = { periodId, ...(from === null ? {} : { from }), through, zone, before: instant, seq, digest }
  await appender.append([ledger.decide('ClosePeriod', [{ type: 'PeriodClosed', version: 1, data }], { actor })])
  return periodId
}

test('before anything is closed every day is open, in days of UTC', async () => {
  const periods = await read('/v1/periods', PeriodList)
  assert.deepEqual(periods, { zone: 'UTC', firstOpenDay: null, items: [] })
  const { closed } = await read('/v1/trial-balance?day=2026-01-31', TrialBalance)
  assert.equal(closed, null)
})

test('the checklist has the trial balance and its digest, the position, and what statements leave open', async () => {
  const list = await read('/v1/periods/checklist?through=2026-01-31', PeriodChecklist)
  assert.deepEqual(list, {
    ...{ from: null, through: '2026-01-31', zone: 'UTC', before: '2026-02-01T00:00:00.000Z' },
    ...{
      seq: ledger.position().seq,
      digest: sealOf('Zoe\tEUR\t50\nada\tEUR\t700\nbank\tEUR\t-1050\ncash\tEUR\t300\n'),
    },
    totals: [{ currency: 'EUR', accounts: 4, debit: '1050', credit: '1050' }],
    isBalanced: true,
    accounts: [
      {
        ...{ accountId: 'bank', statements: 2, withdrawn: 0, missingHere: 1, missingThere: 0, differingAmount: 0 },
        gaps: [
          { from: '2026-01-13', through: '2026-01-14' },
          { from: '2026-01-21', through: '2026-01-31' },
        ],
      },
    ],
    ...{ isEveryAccount: true, withoutStatement: 1, approvals: '/v1/approvals?status=open' },
  })
})

test('an account that stands at zero at the end of the day is no line of the digest', async () => {
  const { digest, totals } = await read('/v1/periods/checklist?through=2026-01-21', PeriodChecklist)
  assert.equal(digest, sealOf('ada\tEUR\t700\nbank\tEUR\t-1000\ncash\tEUR\t300\n'))
  assert.deepEqual(totals, [{ currency: 'EUR', accounts: 3, debit: '1000', credit: '1000' }])
  const nothing = await read('/v1/periods/checklist?through=2025-12-31', PeriodChecklist)
  assert.deepEqual([nothing.digest, nothing.totals, nothing.isBalanced], [sealOf(''), [], true])
  const others = await read('/v1/periods/checklist?through=2026-01-10', PeriodChecklist, 'other')
  assert.equal(others.digest, sealOf(''))
})

test('a day ends in the zone of the ledger', async () => {
  const zone = { zone: 'Europe/Amsterdam' }
  await appender.append([ledger.decide('SetZone', [{ type: 'LedgerZoneSet', version: 1, data: zone }])])
  const list = await read('/v1/periods/checklist?through=2026-01-31', PeriodChecklist)
  assert.deepEqual([list.zone, list.before], ['Europe/Amsterdam', '2026-01-31T23:00:00.000Z'])
  assert.equal(list.digest, sealOf('ada\tEUR\t700\nbank\tEUR\t-1000\ncash\tEUR\t300\n'))
})

test('a closed period says who sealed what, and where; its days say that they are closed', async () => {
  const periodId = await close('2026-01-31')
  const position = `0:${ledger.position().seq}`
  const { firstOpenDay, zone, items } = await read('/v1/periods', PeriodList)
  assert.deepEqual([firstOpenDay, zone, items.length], ['2026-02-01', 'Europe/Amsterdam', 1])
  const [period] = items
  assert.deepEqual(
    [period?.periodId, period?.status, period?.closedBy, period?.position, period?.from, period?.reopened],
    [periodId, 'closed', 'finance:fiona', position, null, null],
  )
  const again = await get('/v1/periods/checklist?through=2026-01-31')
  assert.deepEqual([again.statusCode, again.json().code], [400, 'invalid_request'])
  assert.match(again.json().detail, /2026-01-31 is closed already: the first open day is 2026-02-01/)
  assert.equal((await get('/v1/periods/checklist?through=2026-02-01')).statusCode, 200)
  const checked = await read(`/v1/periods/${periodId}`, PeriodChecked)
  assert.deepEqual([checked.agrees, checked.digestNow], [true, checked.digest])
  const closedOn = async (query: string) => (await read(`/v1/trial-balance?${query}`, TrialBalance)).closed
  assert.deepEqual(await closedOn('day=2026-01-31&zone=Europe/Amsterdam'), { periodId, position })
  assert.equal(await closedOn('day=2026-01-31'), null, 'an hour of the last day in UTC is open')
  assert.deepEqual(await closedOn('day=2026-01-30'), { periodId, position })
  assert.equal(await closedOn(`position=${position}`), null)
  const totals = await read('/v1/daily-totals?from=2026-01-01&to=2026-01-30', DailyTotals)
  assert.deepEqual(totals.closed, { periodId, position })
  const file = await get('/v1/trial-balance?day=2026-01-30&format=csv')
  assert.match(file.body, /^account,.*,credit,closed_at\r\n.*,0:\d+\r\n/)
  assert.doesNotMatch((await get('/v1/trial-balance?format=csv')).body, /closed_at/)
})

test('a figure is sealed by the first closing that holds it, and no longer once that was reopened', async () => {
  const january = (await read('/v1/periods', PeriodList)).items[0]?.periodId
  const february = await close('2026-02-28')
  const closedOn = async (day: string) => (await read(`/v1/trial-balance?day=${day}`, TrialBalance)).closed?.periodId
  assert.equal(await closedOn('2026-01-15'), january)
  assert.equal(await closedOn('2026-02-15'), february)
  const reopened = {
    ...{ periodId: february, from: '2026-02-01' },
    personal: { form: 'plain', data: { reason: 'an invoice came late' } },
  }
  const maker = { subject: 'finance:fiona', client: 'tests' }
  const events = [
    { type: 'CommandApproved', version: 2, data: { proposalId: 'prp-0-9', maker } },
    { type: 'PeriodReopened', version: 1, data: reopened },
  ]
  await appender.append([ledger.decide('ApproveCommand', events, { actor: 'finance:frank' })])
  assert.equal(await closedOn('2026-02-15'), undefined)
  assert.equal(await closedOn('2026-01-15'), january)
  const { firstOpenDay, items } = await read('/v1/periods', PeriodList)
  assert.equal(firstOpenDay, '2026-02-01')
  assert.deepEqual(
    items.map(({ periodId, status }) => [periodId, status]),
    [
      [february, 'reopened'],
      [january, 'closed'],
    ],
  )
  const { by, approvedBy, reason, proposalId } = items[0]?.reopened ?? assert.fail('it was reopened')
  assert.deepEqual([by, approvedBy], ['finance:fiona', 'finance:frank'])
  assert.deepEqual([reason, proposalId, items[0]?.approvedBy], ['an invoice came late', 'prp-0-9', null])
})

test('what is booked into a reopened period makes its digest another one', async () => {
  const [february] = (await read('/v1/periods', PeriodList)).items
  assert.equal((await read(`/v1/periods/${february?.periodId}`, PeriodChecked)).agrees, true)
  await appender.append([ledger.pay([['ada', 'Zoe', 5]], at('2026-02-10T12:00'))])
  assert.equal((await read(`/v1/periods/${february?.periodId}`, PeriodChecked)).agrees, false)
})

test('who approves or audits may read what was sealed, and the checklist stays with finance', async () => {
  const [period] = (await read('/v1/periods', PeriodList)).items
  for (const scope of ['approvals:decide', 'audit:read']) {
    assert.equal((await read('/v1/periods', PeriodList, `acme ${scope}`)).items.length, 2)
    await read(`/v1/periods/${period?.periodId}`, PeriodChecked, `acme ${scope}`)
    assert.equal((await get('/v1/periods/checklist?through=2026-02-28', `acme ${scope}`)).statusCode, 403)
  }
  assert.equal((await get(`/v1/periods/${period?.periodId}`, 'acme payments:book')).statusCode, 403)
})

test('what is not there, or another tenant’s, is a 404; a day that is none a 400', async () => {
  const [period] = (await read('/v1/periods', PeriodList)).items
  assert.equal((await get('/v1/periods/prd-0-999')).statusCode, 404)
  assert.equal((await get(`/v1/periods/${period?.periodId}`, 'other')).statusCode, 404)
  assert.deepEqual((await read('/v1/periods', PeriodList, 'other')).items, [])
  assert.equal((await get('/v1/periods/checklist?through=2026-02-30')).statusCode, 400)
  assert.equal((await get('/v1/periods/checklist')).statusCode, 400)
})

test('a statement that was withdrawn counts for nothing, and is told where its days are to be closed', async () => {
  const withdraw = (statementId: string, seq: number) => {
    const data = {
      accountId: 'bank',
      statementId,
      position: `0:${seq}`,
      personal: { form: 'plain', data: { reason: 'r' } },
    }
    return ledger.decide('WithdrawStatement', [{ type: 'StatementWithdrawn', version: 1, data }])
  }
  const digestOf = async () => (await read('/v1/periods', PeriodList)).items.map(({ digest }) => digest)
  const digests = await digestOf()
  await appender.append([withdraw('jan', 9)])
  const accountsBy = async (through: string) => {
    const { accounts, withoutStatement } = await read(`/v1/periods/checklist?through=${through}`, PeriodChecklist)
    const told = accounts.map((each) => [each.accountId, each.statements, each.withdrawn, each.missingHere])
    return { told, withoutStatement }
  }
  // January is closed: what is told of it stays as it was sealed, and February has none of its days.
  assert.deepEqual(await accountsBy('2026-02-28'), { told: [['bank', 1, 0, 0]], withoutStatement: 1 })
  assert.deepEqual(await digestOf(), digests)
  const statement = { accountId: 'bank', statementId: 'feb', iban: 'NL1', currency: 'EUR', lines: [] }
  const days = { from: '2026-02-01', to: '2026-02-12', opening: '0', closing: '0' }
  await appender.append([ledger.statement({ ...statement, ...days })])
  await appender.append([withdraw('feb', ledger.position().seq), withdraw('jan-2', 10)])
  assert.deepEqual(await accountsBy('2026-02-28'), { told: [['bank', 0, 1, 0]], withoutStatement: 1 })
})
