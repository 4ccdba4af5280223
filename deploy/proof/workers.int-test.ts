import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { startDevelopmentIssuer } from '@micropay/local/issuer/issuer'
import { developmentSecret } from '@micropay/local/issuer/personas'
import { systemClock } from '@micropay/runtime/clock'
import { createLogger } from '@micropay/runtime/logger'
import { makeTestDatabase, type TestDatabase } from '@micropay/runtime/test-database.fixture'
import { WorkerStatusList } from '@micropay/schemas/api/worker'
import { clientCredentials } from '@micropay/sdk/access-token'

import { type RunningService, startService, untilReady } from './service.fixture.ts'

const PARTITIONS = 8
const clock = systemClock
const directory = mkdtempSync(join(tmpdir(), 'micropay-workers-'))
let database: TestDatabase
let issuer: Awaited<ReturnType<typeof startDevelopmentIssuer>>
let authorization = ''
const running: RunningService[] = []

before(async () => {
  database = await makeTestDatabase()
  const log = createLogger('test', 'silent')
  const client = { id: 'gateway', secret: 'of the gateway', redirectUris: ['http://127.0.0.1:1/session/callback'] }
  issuer = await startDevelopmentIssuer({ directory, port: 0, client, audience: 'micropay', clock, log })
  authorization = `Bearer ${await clientCredentials(issuer.url, { id: 'cli', secret: developmentSecret })()}`
})
after(async () => {
  for (const { child } of running) child.kill('SIGKILL')
  await issuer.close()
  await database.close()
  await rm(directory, { recursive: true, force: true })
})

async function start(name: string): Promise<RunningService> {
  const service = await startService(name, '../../write-side/main.ts', {
    ...{ LOG: 'postgres', LOG_DATABASE_URL: database.url, LEASE_DATABASE_URL: database.url, LEDGER_ID: 'workers' },
    ...{ WORKER_ID: name, STATE_DIRECTORY: join(directory, name), PARTITIONS: String(PARTITIONS) },
    ...{ OIDC_ISSUER: issuer.url, LOG_LEVEL: 'info' },
  })
  running.push(service)
  return service
}

/** With which code it ended, and after how long. */
async function end({ child }: RunningService, signal: 'SIGTERM' | 'SIGKILL') {
  const sinceMs = clock.monotonicMs()
  const ended = once(child, 'exit')
  child.kill(signal)
  const [code] = await ended
  return { code, tookMs: Math.round(clock.monotonicMs() - sinceMs) }
}

/** How many partitions each of them serves, once all are served and shared fairly. */
async function untilShared({ address }: RunningService, workers: number): Promise<void> {
  for (;;) {
    const answer = await fetch(`${address}/v1/workers`, { headers: { authorization } })
    const { items } = WorkerStatusList.parse(await answer.json())
    const serving = items.filter(({ phase }) => phase === 'serving')
    const counts = [...Map.groupBy(serving, ({ worker }) => worker).values()].map((each) => each.length)
    const isFair = counts.length === workers && Math.max(...counts) - Math.min(...counts) <= 1
    if (isFair && serving.length === PARTITIONS) return
    await clock.sleep(20)
  }
}

test('processes share the partitions; one ends, one is killed, one joins, and every command is decided', {
  timeout: 120_000,
}, async (context) => {
  const one = await start('one')
  await untilReady(one)
  const two = await start('two')
  await untilShared(one, 2)

  const stopping = new AbortController()
  const tookMs: number[] = []
  let number = 0
  const openOne = async () => {
    while (!stopping.signal.aborted) {
      number += 1
      const accountId = `acc-${number}`
      const began = clock.monotonicMs()
      const answer = await fetch(`${one.address}/v1/accounts`, {
        method: 'POST',
        headers: { authorization, 'content-type': 'application/json', 'idempotency-key': `open-${accountId}` },
        body: JSON.stringify({ accountId, type: 'customer', owner: 'customer:ada', currency: 'EUR' }),
      })
      assert.equal(answer.status, 201, await answer.text())
      tookMs.push(clock.monotonicMs() - began)
    }
  }
  const opening = Promise.all(Array.from({ length: 4 }, openOne))
  opening.catch(() => stopping.abort())
  const slowest = () => Math.round(Math.max(...tookMs.splice(0)))
  const left = await end(two, 'SIGTERM')
  await untilShared(one, 1)
  const leaving = slowest()
  const three = await start('three')
  await untilShared(one, 2)
  const joining = slowest()
  const killedMs = clock.monotonicMs()
  await end(three, 'SIGKILL')
  await untilShared(one, 1)
  const tookOver = Math.round(clock.monotonicMs() - killedMs)
  const killing = slowest()
  stopping.abort()
  await opening
  context.diagnostic(JSON.stringify({ left, leaving, joining, killing, tookOver, commands: number }))
  assert.equal(left.code, 0)
  assert.ok(left.tookMs < 4_000, `a worker whose partitions another one had got ended after ${left.tookMs} ms`)
  assert.ok(tookOver < 3_000, `taking over took ${tookOver} ms`)
  assert.ok(Math.max(leaving, joining) < 2_000, `the slowest command took ${leaving} and ${joining} ms`)
  await end(one, 'SIGTERM')
})
