import assert from 'node:assert/strict'
import { once } from 'node:events'
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
import { makeTestDatabase, type TestDatabase } from '@micropay/runtime/test-database.fixture'
import { Traffic } from '@micropay/schemas/api/traffic'
import { clientCredentials } from '@micropay/sdk/access-token'
import { killAll, type RunningService, startService, untilReady } from './service.fixture.ts'

const directory = mkdtempSync(join(tmpdir(), 'micropay-draining-'))
const running = new Set<RunningService>()
let database: TestDatabase
let issuer: Awaited<ReturnType<typeof startDevelopmentIssuer>>
let headers: Record<string, string>
let url: string
const ports = [0, 0]
const instances: RunningService[] = []

async function start(name: string, path: string, environment: NodeJS.ProcessEnv): Promise<RunningService> {
  const started = await startService(name, path, { ...environment, OIDC_ISSUER: issuer.url })
  running.add(started)
  started.child.once('exit', () => running.delete(started))
  return started
}
const startInstance = (index: number) =>
  start('accounts', '../../read-side/accounts/main.ts', {
    PORT: String(ports[index]),
    ACCOUNTS_DATABASE_URL: database.url,
  })

before(async () => {
  database = await makeTestDatabase()
  const port = await freePort()
  url = `http://127.0.0.1:${port}`
  const client = { id: 'gateway', secret: developmentSecret, redirectUris: [`${url}/session/callback`] }
  const log = createLogger('test', 'silent')
  issuer = await startDevelopmentIssuer({ directory, port: 0, client, audience: 'micropay', clock, log })
  headers = {
    authorization: `Bearer ${await clientCredentials(issuer.url, { id: 'cli', secret: developmentSecret })()}`,
  }
  const store = { LOG: 'postgres', LOG_DATABASE_URL: database.url, LEASE_DATABASE_URL: database.url }
  const worker = await start('write-side', '../../write-side/main.ts', {
    ...{ ...store, LEDGER_ID: 'draining', WORKER_ID: 'one', STATE_DIRECTORY: join(directory, 'state') },
  })
  const model = { ACCOUNTS_DATABASE_URL: database.url }
  const projection = await start('accounts-projection', '../../projections/accounts/main.ts', { ...store, ...model })
  for (const index of ports.keys()) {
    ports[index] = await freePort()
    instances.push(await startInstance(index))
  }
  await start('gateway', '../../gateway/main.ts', {
    ...{ PORT: String(port), PUBLIC_URL: url, SESSION_SECRET: 'a secret of at least 32 characters' },
    ...{ WRITE_SIDE_URL: worker.address, ACCOUNTS_URL: ports.map((each) => `http://127.0.0.1:${each}`).join() },
    ...{ AUDIT_URL: worker.address, RECONCILIATION_URL: worker.address, OIDC_CLIENT_SECRET: developmentSecret },
    ...{ PROJECTIONS_URLS: `accounts=${projection.address}`, RATE_LIMIT_PER_SECOND: '0' },
  })
  await Promise.all([worker, projection, ...instances].map(untilReady))
})
after(async () => {
  await killAll(running)
  await issuer.close()
  await database.close()
  await rm(directory, { recursive: true, force: true })
})

const standings = async () => {
  const traffic = Traffic.parse(await (await fetch(`${url}/v1/traffic`, { headers })).json())
  return traffic.upstreams.find(({ name }) => name === 'accounts')?.instances?.map(({ standing }) => standing) ?? []
}

test('two instances of a read service are renewed under load, and not one read fails', {
  timeout: 180_000,
}, async () => {
  const seen = { answers: 0, failed: [] as string[] }
  let isOver = false
  const ask = async (path: string) => {
    const answer = await fetch(`${url}${path}`, { headers }).catch((error: unknown) => String(error))
    seen.answers += 1
    if (typeof answer === 'string') seen.failed.push(answer)
    else if (answer.status !== 200) seen.failed.push(`${answer.status} ${await answer.text()}`)
    else await answer.arrayBuffer()
  }
  const callers = ['/v1/accounts', '/v1/payments?limit=5', '/v1/payments.csv', '/v1/accounts'].map(async (path) => {
    while (!isOver) await ask(path)
  })
  for (const [index, instance] of instances.entries()) {
    const ended = once(instance.child, 'exit')
    instance.child.kill('SIGTERM')
    assert.deepEqual(await ended, [0, null])
    const before = seen.answers
    while (seen.answers < before + 20) await clock.sleep(20)
    await untilReady(await startInstance(index))
    while ((await standings()).some((standing) => standing !== 'well')) await clock.sleep(50)
  }
  isOver = true
  await Promise.all(callers)
  assert.ok(seen.answers > 100, `${seen.answers} answers`)
  assert.deepEqual(seen.failed, [])
})
