import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { systemClock as clock } from '@micropay/runtime/clock'
import { createLogger } from '@micropay/runtime/logger'
import { describeDiscovery } from '../discovery.contract.ts'
import { nameOf } from '../discovery.ts'
import { byDns } from './by-dns.ts'
import { type Records, startNameServer } from './name-server.fixture.ts'

const log = createLogger('test', 'silent')

async function opened(context: TestContext, name: string, records: Records, isSrv = false) {
  const names = new Map([[name, records]])
  const server = await startNameServer(names)
  context.after(() => server.close())
  const url = new URL(`http://${name}:8083`)
  const discovery = byDns({ service: 'accounts', url, isSrv, servers: [server.server], clock, log })
  return { discovery, server, names }
}

/** Ports stand for addresses of one name here. */
const addressOf = (port: number) => `10.0.${port >> 8}.${port & 0xff}`

describeDiscovery('the addresses of a name', true, async (context) => {
  const of = (ports: readonly number[]): Records => ({ addresses: ports.map(addressOf) })
  const { discovery, server, names } = await opened(context, 'accounts.test', of([8001, 8002]))
  return {
    discovery,
    named: (port) => `http://accounts.test:8083 at ${addressOf(port)}`,
    store: {
      has: (ports) => void names.set('accounts.test', of(ports)),
      become: (mood) => server.become(mood === 'well' ? 'well' : 'fails'),
    },
  }
})

describeDiscovery('SRV records', true, async (context) => {
  const of = (ports: readonly number[]): Records => ({ services: ports.map((port) => ({ name: 'one.test', port })) })
  const { discovery, server, names } = await opened(context, '_http._tcp.accounts.test', of([8001, 8002]), true)
  return {
    discovery,
    named: (port) => `http://one.test:${port}`,
    store: {
      has: (ports) => void names.set('_http._tcp.accounts.test', of(ports)),
      become: (mood) => server.become(mood === 'well' ? 'well' : 'fails'),
    },
  }
})

test('addresses of a kind that fails and never had any hide none; where it had some, they stay', async (context) => {
  const half = await opened(context, 'half.test', { addresses: ['10.0.0.1'], fails: 'AAAA' })
  const both = await opened(context, 'both.test', { addresses: ['10.0.0.1', 'fd00::7'] })
  context.after(() => Promise.all([half.discovery.close(), both.discovery.close()]))
  await Promise.all([half.discovery.looked, both.discovery.looked])
  assert.equal(half.discovery.places().length, 1)
  assert.equal(half.discovery.trouble(), undefined)
  both.names.set('both.test', { addresses: ['10.0.0.1'], fails: 'AAAA' })
  while (both.discovery.trouble() === undefined) await clock.sleep(50)
  assert.equal(both.discovery.places().length, 2)
})

test('addresses of both kinds are instances, and of SRV records those of the best priority', async (context) => {
  const both = await opened(context, 'both.test', { addresses: ['10.0.0.1', 'fd00::7'] })
  const services = [
    { name: 'spare.test', port: 1, priority: 9 },
    { name: 'first.test', port: 2, priority: 1 },
  ]
  const srv = await opened(context, '_http._tcp.both.test', { services }, true)
  context.after(() => Promise.all([both.discovery.close(), srv.discovery.close()]))
  await Promise.all([both.discovery.looked, srv.discovery.looked])
  assert.deepEqual(both.discovery.places().map(nameOf), [
    'http://both.test:8083 at 10.0.0.1',
    'http://both.test:8083 at fd00::7',
  ])
  assert.deepEqual(srv.discovery.places().map(nameOf), ['http://first.test:2'])
})

test('a name server that says nothing holds up a start for seconds at most, and is asked again', async (context) => {
  const { discovery, server } = await opened(context, 'late.test', { addresses: ['10.0.0.1'] })
  context.after(() => discovery.close())
  server.become('silent')
  await discovery.looked
  assert.deepEqual(discovery.places(), [])
  server.become('well')
  while (discovery.places().length === 0) await clock.sleep(20)
})

test('names of the hosts file are found, too', async (context) => {
  const names = await startNameServer(new Map())
  context.after(() => names.close())
  const url = new URL('http://localhost:8083')
  const discovery = byDns({ service: 'accounts', url, isSrv: false, servers: [names.server], clock, log })
  context.after(() => discovery.close())
  await discovery.looked
  assert.ok(discovery.places().some(({ address }) => address === '127.0.0.1' || address === '::1'))
})
