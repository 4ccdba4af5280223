import assert from 'node:assert/strict'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, before, test } from 'node:test'
import { systemClock } from '@micropay/runtime/clock'
import { openTcpProxyTo, type TcpProxy } from '@micropay/runtime/tcp-proxy.fixture'
import { makeTestDatabase, type TestDatabase } from '@micropay/runtime/test-database.fixture'
import { spawnService, startService, untilReady } from './service.fixture.ts'

let database: TestDatabase
let proxy: TcpProxy
const directory = mkdtempSync(join(tmpdir(), 'micropay-stopping-'))
before(async () => {
  database = await makeTestDatabase()
  proxy = await openTcpProxyTo(database.url)
})
after(async () => {
  await proxy.close()
  await database.close()
  await rm(directory, { recursive: true, force: true })
})

const services = {
  'write-side': '../../write-side/main.ts',
  'projections/accounts': '../../projections/accounts/main.ts',
  'projections/audit': '../../projections/audit/main.ts',
  'read-side/accounts': '../../read-side/accounts/main.ts',
  'read-side/audit': '../../read-side/audit/main.ts',
} as const
const env = (name: string) => {
  const url = proxy.through(database.url)
  return {
    ...{ LOG: 'postgres', LOG_DATABASE_URL: url, LEASE_DATABASE_URL: url, LEDGER_ID: 'stopping', WORKER_ID: name },
    ...{ ACCOUNTS_DATABASE_URL: url, AUDIT_DATABASE_URL: url, STATE_DIRECTORY: directory },
  }
}

test('every service ends in five seconds, and well, though PostgreSQL says nothing any more', {
  timeout: 120_000,
}, async () => {
  const running = await Promise.all(Object.entries(services).map(([name, path]) => startService(name, path, env(name))))
  await Promise.all(running.map(untilReady))
  proxy.set('hold')
  // What runs asks by itself; a reader is asked.
  const reads = running.filter(({ name }) => name.startsWith('read-side'))
  const asked = reads.map(({ address }) => fetch(`${address}/health/ready`).catch(() => undefined))
  while (proxy.swallowedBytes() < 1_000) await systemClock.turn()
  const ends = running.map(async ({ name, child }) => {
    const tooLate = systemClock.timer(5_000, () => child.kill('SIGKILL'))
    const ended = once(child, 'exit')
    child.kill('SIGTERM')
    const [code, signal] = await ended
    tooLate.cancel()
    return `${name} ${code ?? signal}`
  })
  assert.deepEqual(
    await Promise.all(ends),
    Object.keys(services).map((name) => `${name} 0`),
  )
  await Promise.all(asked)
})

async function untilSecondLine({ stdout }: ChildProcess): Promise<void> {
  let lines = 0
  for await (const _ of createInterface({ input: stdout ?? assert.fail('its output is a pipe') })) {
    lines += 1
    if (lines === 2) return
  }
}

test('a service that waits for a database that says nothing ends at once, and well', { timeout: 120_000 }, async () => {
  proxy.set('hold')
  const children = Object.entries(services)
    .filter(([name]) => !name.startsWith('read-side'))
    .map(([name, path]) => spawnService(path, env(name)))
  // Each says which release it is, and then that it listens, or that it waits: by then it hears signals.
  await Promise.all(children.map(untilSecondLine))
  const ends = children.map(async (child) => {
    const tooLate = systemClock.timer(5_000, () => child.kill('SIGKILL'))
    const ended = once(child, 'exit')
    child.kill('SIGTERM')
    const end = await ended
    tooLate.cancel()
    return end
  })
  assert.deepEqual(
    await Promise.all(ends),
    children.map(() => [0, null]),
  )
})
