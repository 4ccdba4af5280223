import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { systemClock as clock } from '../clock.ts'
import { createLogger } from '../logger.ts'
import { openRegistry, RegistryError } from './eureka.ts'
import { startEurekaServer } from './eureka-server.fixture.ts'
import { keepRegistered } from './keep-registered.ts'

const log = createLogger('test', 'silent')
const instance = { service: 'accounts', url: new URL('https://accounts-1:8083'), renewSeconds: 0.05 }

async function opened(context: TestContext) {
  const server = await startEurekaServer()
  context.after(() => server.close())
  return { server, registry: openRegistry(server.url, clock) }
}
async function until(isSo: () => boolean): Promise<void> {
  for (let tries = 0; tries < 500 && !isSo(); tries += 1) await clock.sleep(20)
  assert.ok(isSo(), 'it did not come to be')
}

test('an instance registers, renews, anew where it was forgotten, and is gone when it leaves', async (context) => {
  const { server, registry } = await opened(context)
  const registration = keepRegistered({ registry, instance, clock, log })
  const isThere = () => server.instancesOf('ACCOUNTS').length === 1
  await until(
    () => server.asked.filter((line) => /PUT .*\/ACCOUNTS\/accounts-1%3Aaccounts%3A8083/.test(line)).length > 2,
  )
  assert.deepEqual(await registry.originsOf('accounts', 'https:'), ['https://accounts-1:8083'])
  assert.deepEqual(await registry.originsOf('accounts', 'http:'), [])
  server.forget()
  await until(isThere)
  assert.equal(registration.trouble(), undefined)
  await registration.leave()
  assert.ok(!isThere())
  const { length } = server.asked
  await clock.sleep(200)
  assert.equal(server.asked.length, length, 'it renews no more')
})

test('while the registry is away that is a trouble, and leaving waits for nobody', {
  timeout: 30_000,
}, async (context) => {
  const { server, registry } = await opened(context)
  server.become('away')
  const registration = keepRegistered({ registry, instance, clock, log })
  await until(() => registration.trouble() !== undefined)
  assert.match(registration.trouble() ?? '', /^the registry at http:.* does not take this instance.*: no answer/)
  server.become('well')
  await until(() => registration.trouble() === undefined)
  assert.equal(server.instancesOf('ACCOUNTS').length, 1)
  server.become('away')
  await registration.leave()
})

test('of several servers another one is asked where one is away, each as the user of its address', async (context) => {
  const { server } = await opened(context)
  const { server: other } = await opened(context)
  const own = other.url.replace('//', '//me:p%40ss@')
  const registry = openRegistry(`${server.url}, ${own}`, clock)
  assert.ok(!registry.name.includes('p%40ss'))
  server.become('away')
  await registry.register(instance)
  assert.deepEqual(other.asked, [`Basic ${Buffer.from('me:p@ss').toString('base64')} POST /eureka/apps/ACCOUNTS`])
})

const up = { hostName: 'one', status: 'UP', port: { $: '8083', '@enabled': true } }
for (const [what, answer, origins] of [
  ['one instance that is no list', { application: { instance: up } }, ['http://one:8083']],
  [
    'instances that are down, and one by a name that is none',
    { application: { instance: [{ ...up, status: 'DOWN' }, { ...up, hostName: 'a b' }, up] } },
    ['http://one:8083'],
  ],
  ['something else', { applications: [] }, undefined],
  ['too much', { application: { instance: [{ ...up, metadata: 'x'.repeat(5_000_000) }] } }, undefined],
] as const) {
  test(`a registry that answers with ${what} is ${origins ? 'understood' : 'not believed'}`, async (context) => {
    const listener: RequestListener = (_request, reply) => void reply.end(JSON.stringify(answer))
    const server = createServer(listener).listen(0, '127.0.0.1')
    await once(server, 'listening')
    context.after(() => server.close().closeAllConnections())
    const registry = openRegistry(`http://127.0.0.1:${(server.address() as AddressInfo).port}/eureka/`, clock)
    const asked = registry.originsOf('accounts', 'http:')
    if (origins) assert.deepEqual(await asked, origins)
    else await assert.rejects(asked, RegistryError)
  })
}
