import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { systemClock as clock } from '@micropay/runtime/clock'
import { openRegistry } from '@micropay/runtime/registry/eureka'
import { startEurekaServer } from '@micropay/runtime/registry/eureka-server.fixture'
import { startService } from '../service.fixture.ts'

test('a read service registers where it is reached, and is gone from the registry before it ends', {
  timeout: 60_000,
}, async (context) => {
  const server = await startEurekaServer()
  context.after(() => server.close())
  const { child, address } = await startService('accounts', '../../read-side/accounts/main.ts', {
    ...{ ACCOUNTS_DATABASE_URL: 'postgres://127.0.0.1:9/none', REGISTRY_URL: server.url },
  })
  context.after(() => child.kill('SIGKILL'))
  const registry = openRegistry(server.url, clock)
  while ((await registry.originsOf('accounts', 'http:')).length === 0) await clock.sleep(20)
  assert.deepEqual(await registry.originsOf('accounts', 'http:'), [address])

  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  // It still answers then: whoever knows it of before is not refused.
  while (server.instancesOf('ACCOUNTS').length > 0) await clock.sleep(5)
  assert.equal((await fetch(`${address}/health/live`)).status, 200)
  assert.deepEqual(await ended, [0, null])
})
