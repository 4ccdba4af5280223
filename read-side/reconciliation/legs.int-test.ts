import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createLedger } from '@micropay/event-log/ledger.fixture'
import { openMemoryLog } from '@micropay/event-log/memory/event-log'
import { reconciliationProjection } from '@micropay/projections/reconciliation/projection'
import { type ReconciliationTables, reconciliationVersion } from '@micropay/projections/reconciliation/tables'
import { startWorker } from '@micropay/projections/serve/worker'
import { openTestDatabase } from '@micropay/projections/versions/test-database.fixture'
import { systemClock } from '@micropay/runtime/clock'
import type { Http } from '@micropay/runtime/http'
import { createLogger } from '@micropay/runtime/logger'
import { ChartOfAccounts, DailyTotals, LedgerEntryPage, Reconciliation } from '@micropay/schemas/api/reconciliation'
import { OwnerId } from '@micropay/schemas/identifiers'
import { openReader } from '../position/open-reader.ts'
import { buildReconciliationApp } from './build-reconciliation-app.ts'

const ledger = createLedger()
const closing: (() => Promise<void>)[] = []
let app: Http

before(async () => {
  const [log, logger, database] = [openMemoryLog(), createLogger('test', 'silent'), await openTestDatabase()]
  await log.prepare(1)
  const appender = await log.openAppender(0)
  const [external, internal] = (['external', 'internal'] as const).map((type) => ({
    ...{ type, overdraftLimit: 'unlimited' },
  }))
  await appender.append([
    ledger.genesis(),
    ledger.claim(),
    ledger.open('bank', external),
    ledger.open('ada'),
    ledger.open('ben'),
    ledger.open('fees', internal),
    ledger.payLegs(
      [
        ['bank', -1000, { stands: '-1000' }],
        ['ada', 700],
        ['ben', 290],
        ['fees', 10],
      ],
      { effectiveAt: '2026-01-10T12:00:00.000Z', reference: 'E2E-1', metadata: { operation: 'payroll' } },
    ),
    ledger.payLegs(
      [
        ['fees', 0],
        ['ben', 0],
      ],
      { effectiveAt: '2026-01-10T13:00:00.000Z', metadata: { operation: 'payroll' } },
    ),
    ledger.statement({
      ...{ accountId: 'bank', statementId: 'jan', iban: 'NL1', currency: 'EUR' },
      ...{ from: '2026-01-10', to: '2026-01-10', opening: '0', closing: '1000' },
      lines: [{ amount: '1000', bookedOn: '2026-01-10', references: ['E2E-1'] }],
    }),
  ])
  const { url: databaseUrl, pool } = database
  const worker = startWorker({
    ...{ log, pool, databaseUrl, clock: systemClock, logger },
    ...{ projection: reconciliationProjection, partitions: 1 },
  })
  const reader = openReader<ReconciliationTables>({
    ...{ service: 'reconciliation', version: reconciliationVersion.version, databaseUrl, clock: systemClock, logger },
  })
  app = await buildReconciliationApp({
    ...{ ...reader, logger, cursorSecret: 'a secret for tests alone' },
    verifyToken: async () => ({
      ...{ subject: OwnerId.parse('finance:fiona'), client: 'tests', tenant: 'acme' },
      ...{ scopes: new Set(['reconciliation:read']), expiresAt: Number.POSITIVE_INFINITY },
    }),
  })
  closing.push(...[app, worker, reader, log, database].map((each) => () => each.close()))
})
after(async () => {
  for (const close of closing) await close()
})

async function get(path: string) {
  const headers = { authorization: 'fiona', 'at-least': `0:${ledger.position().seq}`, prefer: 'wait=10' }
  const answer = await app.inject({ method: 'GET', url: path, headers })
  assert.equal(answer.statusCode, 200, answer.body)
  return answer
}

test('the entries behind a figure say the only account on the other side, or none, in the file too', async () => {
  const seen = async (accountId: string) => {
    const { items } = LedgerEntryPage.parse((await get(`/v1/trial-balance/${accountId}/entries`)).json())
    return items.map(({ index, counterparty, amount }) => [index, counterparty, amount])
  }
  assert.deepEqual(await seen('bank'), [[0, null, '-1000']])
  assert.deepEqual(await seen('ben'), [
    [1, null, '0'],
    [2, 'bank', '290'],
  ])
  const { body } = await get('/v1/trial-balance/bank/entries?format=csv')
  assert.match(body, /\r\n0:5,pay-0-5,2026-01-10T12:00:00.000Z,,-10\.00,EUR,E2E-1,\r\n$/)
})

test('a leg of zero is an entry of its day that neither comes in nor goes out', async () => {
  const path = '/v1/daily-totals?from=2026-01-10&to=2026-01-10'
  const { items } = DailyTotals.parse((await get(`${path}&by=account`)).json())
  assert.deepEqual(
    items.map(({ group, entries, ...total }) => [group, total.in, total.out, entries]),
    [
      ['ada', '700', '0', 1],
      ['bank', '0', '1000', 1],
      ['ben', '290', '0', 2],
      ['fees', '10', '0', 2],
    ],
  )
  const all = DailyTotals.parse((await get(path)).json()).items
  assert.deepEqual(
    all.map(({ group, entries, ...total }) => [group, total.in, total.out, entries]),
    [['payroll', '1000', '1000', 6]],
  )
})

test('the places of the chart add up to zero, and the bank finds its entry', async () => {
  const { items } = ChartOfAccounts.parse((await get('/v1/chart-of-accounts')).json())
  const roots = items.filter(({ path }) => !path.includes('/'))
  const sum = (side: 'debit' | 'credit') => roots.reduce((total, node) => total + BigInt(node[side]), 0n)
  assert.deepEqual([sum('debit'), sum('credit')], [1000n, 1000n])
  const { items: matched } = Reconciliation.parse((await get('/v1/reconciliations/jan?account=bank')).json())
  assert.deepEqual(
    matched.map(({ kind, entry }) => [kind, entry?.amount, entry?.counterparty]),
    [['matched', '-1000', null]],
  )
})
