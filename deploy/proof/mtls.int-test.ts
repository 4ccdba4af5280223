import assert from 'node:assert/strict'
import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type Certificates, testCertificates } from '@micropay/local/authority/certificates.fixture'
import { startDevelopmentIssuer } from '@micropay/local/issuer/issuer'
import { developmentSecret } from '@micropay/local/issuer/personas'
import { freePort } from '@micropay/local/stores/free-port'
import { systemClock } from '@micropay/runtime/clock'
import { createLogger } from '@micropay/runtime/logger'
import { makeTestDatabase, type TestDatabase } from '@micropay/runtime/test-database.fixture'
import { ProjectionStatusList } from '@micropay/schemas/api/projection'
import { WorkerStatusList } from '@micropay/schemas/api/worker'
import { clientCredentials } from '@micropay/sdk/access-token'
import { killAll, type RunningService, spawnService, startService } from './service.fixture.ts'

const PARTITIONS = 4
const directory = mkdtempSync(join(tmpdir(), 'micropay-mtls-'))
const running: Pick<RunningService, 'child'>[] = []
let database: TestDatabase
let certificates: Certificates
let issuer: Awaited<ReturnType<typeof startDevelopmentIssuer>>
let authorization = ''
let gateway = ''
const workers: RunningService[] = []

before(async () => {
  database = await makeTestDatabase()
  certificates = await testCertificates()
  const port = await freePort()
  gateway = `http://127.0.0.1:${port}`
  const log = createLogger('test', 'silent')
  const client = { id: 'gateway', secret: 'of the gateway', redirectUris: [`${gateway}/session/callback`] }
  issuer = await startDevelopmentIssuer({
    directory,
    port: 0,
    client,
    audience: 'micropay',
    clock: systemClock,
    log,
  })
  authorization = `Bearer ${await clientCredentials(issuer.url, { id: 'cli', secret: developmentSecret })()}`
  const store = { LOG: 'postgres', LOG_DATABASE_URL: database.url, LEASE_DATABASE_URL: database.url }
  for (const name of ['one', 'two']) {
    const state = { WORKER_ID: name, STATE_DIRECTORY: join(directory, name), PARTITIONS: String(PARTITIONS) }
    workers.push(await start('write-side', '../../write-side/main.ts', { ...store, ...state, LEDGER_ID: 'mtls' }))
  }
  const model = { ACCOUNTS_DATABASE_URL: database.url }
  const projection = await start('accounts-projection', '../../projections/accounts/main.ts', { ...store, ...model })
  const accounts = await start('accounts', '../../read-side/accounts/main.ts', model)
  const child = spawnService('../../gateway/main.ts', {
    ...(await environmentOf('gateway')),
    ...{ PORT: String(port), PUBLIC_URL: gateway, SESSION_SECRET: 'a secret of at least 32 characters' },
    ...{ WRITE_SIDE_URL: workers[0]?.address, ACCOUNTS_URL: accounts.address, AUDIT_URL: accounts.address },
    ...{ RECONCILIATION_URL: accounts.address, PROJECTIONS_URLS: `accounts=${projection.address}` },
    OIDC_CLIENT_SECRET: client.secret,
  })
  child.stdout?.resume()
  running.push({ child })
})
after(async () => {
  await killAll(running)
  await issuer.close()
  await database.close()
  await certificates.remove()
  await rm(directory, { recursive: true, force: true })
})

async function environmentOf(service: string): Promise<NodeJS.ProcessEnv> {
  const { cert, key, ca } = await certificates.write(service, { service })
  const files = { TLS_CERT_FILE: cert, TLS_KEY_FILE: key, TLS_CA_FILE: ca }
  return { ...files, OIDC_ISSUER: issuer.url, LOG_LEVEL: 'info' }
}

async function start(service: string, path: string, environment: NodeJS.ProcessEnv): Promise<RunningService> {
  const started = await startService(service, path, { ...(await environmentOf(service)), ...environment })
  running.push(started)
  return started
}

async function ask(path: string, init: RequestInit = {}) {
  return fetch(`${gateway}${path}`, { ...init, headers: { authorization, ...init.headers } }).catch(() => undefined)
}

test('the gateway, two workers, a projection and a read service speak with each other by certificates alone', {
  timeout: 120_000,
}, async () => {
  for (const { address } of running.filter((each): each is RunningService => 'address' in each)) {
    assert.match(address, /^https:/)
    await assert.rejects(fetch(`${address}/health/live`), 'nobody is spoken with who has no certificate')
  }
  for (;;) {
    const answer = await ask('/v1/workers')
    if (answer?.status === 200) {
      const { items, unreachable = [] } = WorkerStatusList.parse(await answer.json())
      const owners = items.filter(({ phase }) => phase === 'serving').map(({ worker }) => worker)
      const isShared = owners.filter((name) => name === 'two').length === PARTITIONS / 2
      if (isShared && owners.length === PARTITIONS && unreachable.length === 0) break
    }
    await systemClock.sleep(50)
  }
  const positions = new Set<string>()
  for (let number = 1; number <= 12; number += 1) {
    const accountId = `acc-${number}`
    const opened = await ask('/v1/accounts', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': `open-${accountId}` },
      body: JSON.stringify({ accountId, type: 'customer', owner: 'customer:ada', currency: 'EUR' }),
    })
    assert.equal(opened?.status, 201, await opened?.text())
    const position = String(opened?.headers.get('position'))
    positions.add(position.split(':')[0] ?? '')
    const read = await ask(`/v1/accounts/${accountId}`, { headers: { 'at-least': position, prefer: 'wait=10' } })
    assert.equal(read?.status, 200, await read?.text())
  }
  assert.equal(positions.size, PARTITIONS, 'accounts were opened in every partition, so at both workers')
  const payee = await ask('/v1/payees', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': 'payee' },
    body: JSON.stringify({ alias: 'to-one', accountId: 'acc-1' }),
  })
  assert.equal(payee?.status, 201, await payee?.text())
  const projections = ProjectionStatusList.parse(await (await ask('/v1/projections'))?.json())
  assert.deepEqual([projections.items.length, projections.unreachable], [PARTITIONS, []])
})
