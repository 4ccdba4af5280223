import assert from 'node:assert/strict'
import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { startDevelopmentIssuer } from '@micropay/local/issuer/issuer'
import { developmentSecret } from '@micropay/local/issuer/personas'
import { freePort } from '@micropay/local/stores/free-port'
import { systemClock as clock } from '@micropay/runtime/clock'
import { createLogger } from '@micropay/runtime/logger'
import { type Family, parseExposition } from '@micropay/runtime/telemetry/exposition.fixture'
import type { MeasuredService } from '@micropay/runtime/telemetry/metric'
import { metrics, metricsOf } from '@micropay/runtime/telemetry/metrics'
import { makeTestDatabase, type TestDatabase } from '@micropay/runtime/test-database.fixture'
import { clientCredentials } from '@micropay/sdk/access-token'
import { killAll, type RunningService, startService } from './service.fixture.ts'

const directory = mkdtempSync(join(tmpdir(), 'micropay-metrics-'))
const running: RunningService[] = []
const metricsPorts = new Map<MeasuredService, number>()
let database: TestDatabase
let issuer: Awaited<ReturnType<typeof startDevelopmentIssuer>>
let authorization = ''
let url = ''

/** One of each kind: the others of a kind are the same code. */
const store = () => ({ LOG: 'postgres', LOG_DATABASE_URL: database.url, LEASE_DATABASE_URL: database.url })

async function start(name: MeasuredService, path: string, environment: NodeJS.ProcessEnv): Promise<RunningService> {
  const port = await freePort()
  metricsPorts.set(name, port)
  const own = { OIDC_ISSUER: issuer.url, METRICS_PORT: String(port) }
  const started = await startService(name, path, { ...environment, ...own })
  running.push(started)
  return started
}

before(async () => {
  database = await makeTestDatabase()
  const port = await freePort()
  url = `http://127.0.0.1:${port}`
  const client = { id: 'gateway', secret: developmentSecret, redirectUris: [`${url}/session/callback`] }
  const log = createLogger('test', 'silent')
  issuer = await startDevelopmentIssuer({ directory, port: 0, client, audience: 'micropay', clock, log })
  authorization = `Bearer ${await clientCredentials(issuer.url, { id: 'cli', secret: developmentSecret })()}`
  const state = { LEDGER_ID: 'metrics', WORKER_ID: 'one', STATE_DIRECTORY: join(directory, 'state') }
  const worker = await start('write-side', '../../write-side/main.ts', { ...store(), ...state })
  const books = { RECONCILIATION_DATABASE_URL: database.url }
  const [projection, reconciliation] = await Promise.all([
    start('reconciliation-projection', '../../projections/reconciliation/main.ts', { ...store(), ...books }),
    start('reconciliation', '../../read-side/reconciliation/main.ts', books),
    start('audit', '../../read-side/audit/main.ts', { ...store(), AUDIT_DATABASE_URL: database.url }),
  ])
  await start('gateway', '../../gateway/main.ts', {
    ...{ PORT: String(port), PUBLIC_URL: url, SESSION_SECRET: 'a secret of at least 32 characters' },
    ...{ WRITE_SIDE_URL: worker.address, ACCOUNTS_URL: reconciliation.address, AUDIT_URL: reconciliation.address },
    ...{ RECONCILIATION_URL: reconciliation.address, OIDC_CLIENT_SECRET: developmentSecret },
    PROJECTIONS_URLS: `reconciliation=${projection.address}`,
  })
  await until(async () => (await scrape('write-side')).get('micropay_ready')?.samples[0]?.value === 1)
})
after(async () => {
  await killAll(running)
  await issuer.close()
  await database.close()
  await rm(directory, { recursive: true, force: true })
})

async function scrape(service: MeasuredService): Promise<ReadonlyMap<string, Family>> {
  const answer = await fetch(`http://127.0.0.1:${metricsPorts.get(service)}/metrics`)
  assert.equal(answer.status, 200)
  assert.match(answer.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/)
  return parseExposition(await answer.text())
}

/** Of a series whose labels hold these. */
async function figureOf(service: MeasuredService, name: string, labels: Readonly<Record<string, string>> = {}) {
  const samples = [...(await scrape(service)).values()].flatMap((family) => family.samples)
  return samples.find(
    (sample) => sample.name === name && Object.entries(labels).every(([label, text]) => sample.labels[label] === text),
  )?.value
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await clock.sleep(50)
}

async function post(path: string, body: unknown, key: string): Promise<number> {
  const headers = { authorization, 'content-type': 'application/json', 'idempotency-key': key }
  const answer = await fetch(`${url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
  const text = await answer.text()
  if (answer.status === 400) assert.fail(text)
  return answer.status
}

const pay = (to: string, key: string) =>
  post('/v1/payments', { postings: [{ from: 'cash:eur', to, amount: '100', currency: 'EUR' }] }, key)

test('a payment raises its counter, and the time that requests and appends took', { timeout: 120_000 }, async () => {
  const payments = (outcome: string) => figureOf('write-side', 'micropay_payments_total', { outcome })
  assert.equal(await payments('posted'), 0)
  const cash = { accountId: 'cash:eur', type: 'external', owner: 'bank', overdraftLimit: 'unlimited', currency: 'EUR' }
  assert.equal(await post('/v1/accounts', cash, 'cash'), 201)
  const ada = { accountId: 'ada', type: 'customer', owner: 'customer:ada', currency: 'EUR' }
  assert.equal(await post('/v1/accounts', ada, 'ada'), 201)
  assert.deepEqual([await pay('ada', 'one'), await pay('ada', 'one'), await pay('nobody', 'two')], [201, 201, 404])
  assert.deepEqual([await payments('posted'), await payments('rejected'), await payments('timed_out')], [1, 1, 0])
  const commands = (outcome: string) => figureOf('write-side', 'micropay_commands_total', { outcome, partition: '0' })
  assert.deepEqual([await commands('accepted'), await commands('replayed'), await commands('rejected')], [3, 1, 1])
  const request = { http_request_method: 'POST', http_route: '/v1/payments', http_response_status_code: '201' }
  for (const service of ['gateway', 'write-side'] as const) {
    assert.equal(await figureOf(service, 'http_server_request_duration_seconds_count', request), 2, service)
  }
  const asked = { upstream: 'write-side', kind: 'command', outcome: 'answered' }
  assert.equal(await figureOf('gateway', 'micropay_upstream_request_duration_seconds_count', asked), 5)
  assert.ok(((await figureOf('write-side', 'micropay_append_duration_seconds_count')) ?? 0) >= 4)
})

test('what is not offered is one series, whatever was asked for', { timeout: 120_000 }, async () => {
  const paths = ['/v1/nothing', '/v2/ada@example.com', '/wp-admin.php?token=secret']
  for (const path of paths) assert.equal((await fetch(`${url}${path}`)).status, 404)
  const missed = { http_route: 'none', http_response_status_code: '404' }
  assert.equal(await figureOf('gateway', 'http_server_request_duration_seconds_count', missed), 3)
})

test('the books balance, the read model has caught up, and the log is not verified to be unsound', {
  timeout: 120_000,
}, async () => {
  const caughtUp = { projection: 'reconciliation', partition: '0' }
  await until(
    async () => (await figureOf('reconciliation-projection', 'micropay_projection_lag_commits', caughtUp)) === 0,
  )
  assert.ok(((await figureOf('reconciliation-projection', 'micropay_projection_records_total', caughtUp)) ?? 0) >= 4)
  assert.equal(await figureOf('audit', 'micropay_verification_sound'), 1)
  await until(async () => (await figureOf('reconciliation', 'micropay_imbalance_minor', { currency: 'EUR' })) === 0)
  assert.equal(await figureOf('reconciliation', 'micropay_metrics_source_up', { source: 'balances' }), 1)
})

test('a scrape holds every metric that the table promises, of its kind, and no other', {
  timeout: 120_000,
}, async () => {
  for (const service of metricsPorts.keys()) {
    await (await fetch(running.find(({ name }) => name === service)?.address ?? '')).arrayBuffer()
    const found = await scrape(service)
    const promised = metricsOf(service).filter((name) => metrics[name].where === undefined)
    assert.deepEqual(
      promised.filter((name) => !found.has(name)),
      [],
      `${service} does not tell`,
    )
    assert.deepEqual(
      [...found.keys()].filter((name) => !metricsOf(service).some((own) => own === name)),
      [],
      service,
    )
    for (const [name, { kind, help }] of found) {
      const row = metrics[name as keyof typeof metrics]
      assert.deepEqual([kind, help], [row.kind, row.means], `${service} ${name}`)
    }
  }
})
