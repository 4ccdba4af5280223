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
import { Reconciliation, ReconciliationPage } from '@micropay/schemas/api/reconciliation'
import { OwnerId } from '@micropay/schemas/identifiers'
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

before(async () => {
  database = await openTestDatabase()
  await log.prepare(1)
  appender = await log.openAppender(0)
  await appender.append([ledger.genesis(), ledger.claim()])
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

async function reconciliation(query: string): Promise<Reconciliation> {
  const headers = { authorization: 'a', 'at-least': `0:${ledger.position().seq}`, prefer: 'wait=10' }
  const answer = await app.inject({ method: 'GET', url: `/v1/reconciliations/${query}`, headers })
  assert.equal(answer.statusCode, 200, answer.body)
  return Reconciliation.parse(answer.json())
}

async function list(query: string) {
  const headers = { authorization: 'a', 'at-least': `0:${ledger.position().seq}`, prefer: 'wait=10' }
  const answer = await app.inject({ method: 'GET', url: `/v1/reconciliations?${query}`, headers })
  assert.equal(answer.statusCode, 200, answer.body)
  return ReconciliationPage.parse(answer.json()).items
}

test("the bank's close stands beside the ledger's balance of that day, and beside the close before", async () => {
  const of = async (query: string) => {
    const { closing, ledgerClosing, previous } = await reconciliation(query)
    return [closing, ledgerClosing, previous?.openingDifference, previous?.gapDays]
  }
  const day = (statementId: string, on: string, balance: string) =>
    ledger.statement({
      ...{ accountId: 'vault', statementId, iban: 'NL9', currency: 'EUR', from: on, to: on },
      ...{ opening: balance, closing: balance, lines: [] },
    })
  const pay = (amount: number, effectiveAt: string) => ledger.pay([['vault', 'nora', amount]], { effectiveAt })
  await appender.append([
    ledger.open('vault', { type: 'external', overdraftLimit: 'unlimited' }),
    ledger.open('nora'),
    pay(100, '2026-01-10T12:00:00.000Z'),
    pay(20, '2026-01-10T23:30:00.000Z'),
    pay(3, '2026-01-14T00:10:00.000Z'),
    day('tenth', '2026-01-10', '100'),
    day('late', '2026-01-14', '123'),
  ])
  assert.deepEqual(await of('tenth?account=vault'), ['100', '120', undefined, undefined])
  assert.deepEqual(await of('tenth?account=vault&zone=Europe/Prague'), ['100', '100', undefined, undefined])
  assert.deepEqual(await of('late?account=vault'), ['123', '123', '23', 3])
})

test('all parts of a statement are there with its last one, and two of one id are told apart by position', async () => {
  const place = { accountId: 'vault', statementId: 'tenth', importId: 'i-1' }
  const line = (amount: string) => ({ amount, bookedOn: '2026-02-01' })
  const said = (...parties: string[]) => parties.map((reference) => ({ references: { parties: [reference] } }))
  const part = (number: number, amount: string, reference: string) =>
    ledger.statement({
      ...{ ...place, part: number, of: 3, lines: [line(amount)] },
      personal: { form: 'plain', data: { lines: said(reference) } },
    })
  await appender.append([part(1, '9', 'lost'), part(1, '1', 'first'), part(2, '2', 'second')])
  assert.equal((await reconciliation('tenth?account=vault')).lines, 0)
  const period = { currency: 'EUR', from: '2026-02-01', to: '2026-02-01', opening: '123', closing: '129' }
  await appender.append([
    ledger.statement({
      ...{ ...place, ...period, sha256: 'abc', parts: 3, content: 'c', lineCount: 3, lines: [line('3')] },
      personal: { form: 'plain', data: { iban: 'NL9', lines: said('third') } },
    }),
  ])
  const { items, sha256, position, lines } = await reconciliation('tenth?account=vault')
  assert.deepEqual(
    items.map((item) => [item.lineNumber, item.bankAmount, item.line?.references]),
    [
      [1, '1', ['first']],
      [2, '2', ['second']],
      [3, '3', ['third']],
    ],
  )
  assert.deepEqual([sha256, position, lines], ['abc', `0:${ledger.position().seq}`, 3])
  const earlier = await reconciliation('tenth?account=vault&position=0:6')
  assert.deepEqual([earlier.statementId, earlier.position, earlier.sha256], ['tenth', '0:6', null])
})

test('what a withdrawn statement held is open again, or falls to another, and it is listed where asked', async () => {
  const statement = (statementId: string, from: string, ...amounts: string[]) => {
    const lines = amounts.map((amount) => ({ amount, bookedOn: '2026-03-02', references: [] }))
    const closing = amounts.reduce((sum, amount) => sum + Number(amount), 0)
    const period = { from, to: '2026-03-02', opening: '0', closing: String(closing) }
    return ledger.statement({ accountId: 'till', statementId, iban: 'NL7', currency: 'EUR', ...period, lines })
  }
  const at = { effectiveAt: '2026-03-02T12:00:00.000Z' }
  await appender.append([
    ledger.open('till', { type: 'external', overdraftLimit: 'unlimited' }),
    ledger.pay([['till', 'nora', 100]], at),
    ledger.pay([['till', 'nora', 20]], at),
    statement('wrong', '2026-03-01', '100'),
  ])
  const wrongAt = `0:${ledger.position().seq}`
  await appender.append([statement('right', '2026-03-02', '100', '20')])
  const found = async () =>
    (await list('account=till')).map((each) => [
      ...[each.statementId, each.matched, each.missingThere, each.repeated],
      ...[each.overlaps.length, each.withdrawn],
    ])
  assert.deepEqual(await found(), [
    ['right', 1, 0, 1, 1, null],
    ['wrong', 1, 0, 0, 0, null],
  ])
  const personal = { form: 'plain', data: { reason: 'of another account' } }
  const data = { accountId: 'till', statementId: 'wrong', position: wrongAt, personal }
  const event = { type: 'StatementWithdrawn', version: 1, data }
  await appender.append([ledger.decide('WithdrawStatement', [event], { actor: 'finance:frank' })])
  assert.deepEqual(await found(), [['right', 2, 0, 0, 0, null]])
  const withdrawn = {
    ...{ position: `0:${ledger.position().seq}`, by: 'finance:frank', reason: 'of another account' },
    ...{ approvedBy: null, proposalId: null },
  }
  const [listed, ...others] = await list('account=till&withdrawn=true')
  const { at: instant, ...told } = listed?.withdrawn ?? assert.fail('it was withdrawn')
  assert.deepEqual([listed?.statementId, listed?.matched, told, others.length], ['wrong', 0, withdrawn, 0])
  assert.match(instant, /^2026-03-01T09:/)
  for (const query of ['wrong?account=till', `wrong?account=till&position=${wrongAt}`]) {
    const { items, missingHere, missingThere, withdrawn: shown } = await reconciliation(query)
    assert.deepEqual(
      [items.map(({ kind, bankAmount }) => `${kind} ${bankAmount}`), missingHere, missingThere],
      [...[['withdrawn 100'], 0, 0]],
    )
    assert.equal(shown?.by, 'finance:frank')
  }
  await appender.append([statement('wrong', '2026-02-28', '100')])
  assert.equal((await reconciliation('wrong?account=till')).withdrawn, null, 'one that stands goes first')
})

test('the last statement that was withdrawn leaves the days to nobody', async () => {
  const days = { from: '2026-03-01', to: '2026-03-02', opening: '0', closing: '0', lines: [] }
  await appender.append([
    ledger.open('alone', { type: 'external', overdraftLimit: 'unlimited' }),
    ledger.statement({ accountId: 'alone', statementId: 'S', iban: 'NL8', currency: 'EUR', ...days }),
  ])
  const data = { accountId: 'alone', statementId: 'S', position: `0:${ledger.position().seq}` }
  await appender.append([ledger.decide('WithdrawStatement', [{ type: 'StatementWithdrawn', version: 1, data }])])
  assert.deepEqual(await list('account=alone'), [])
  const [told] = await list('account=alone&withdrawn=true')
  assert.deepEqual([told?.statementId, told?.withdrawn?.reason, told?.previous], ['S', null, null])
})
