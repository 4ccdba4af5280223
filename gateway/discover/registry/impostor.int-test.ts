import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { createServer } from 'node:tls'
import { testCertificates } from '@micropay/local/authority/certificates.fixture'
import { systemClock as clock } from '@micropay/runtime/clock'
import { createLogger } from '@micropay/runtime/logger'
import { openRegistry } from '@micropay/runtime/registry/eureka'
import { startEurekaServer } from '@micropay/runtime/registry/eureka-server.fixture'
import { openServiceTls } from '@micropay/runtime/tls/service-tls'
import { Traffic } from '@micropay/schemas/api/traffic'
import Fastify from 'fastify'
import { bearer, startGateway } from '../../gateway-under-test.ts'
import { until } from '../../share/shared-memory.contract.ts'

const log = createLogger('test', 'silent')

test('who registers as a service without its certificate gets nothing, and callers notice nothing', {
  timeout: 60_000,
}, async (context) => {
  const certificates = await testCertificates()
  const open = async (service: 'gateway' | 'accounts') =>
    openServiceTls({ service, paths: await certificates.write(service, { service }), clock, log })
  const [ofGateway, ofAccounts] = [await open('gateway'), await open('accounts')]
  const app = Fastify({ serverFactory: ofAccounts.server, forceCloseConnections: true })
  app.get('/v1/accounts', async () => ({ items: [] }))
  await app.listen({ host: '127.0.0.1', port: 0 })
  let bytes = 0
  const impostor = createServer(await certificates.issue({ service: 'audit' }), (socket) => {
    socket.on('data', (data) => {
      bytes += data.length
    })
    socket.on('error', () => undefined)
  })
  await once(impostor.listen(0, '127.0.0.1'), 'listening')

  const server = await startEurekaServer()
  const registry = openRegistry(server.url, clock)
  const ports = [impostor, app.server].map((each) => (each.address() as AddressInfo).port)
  for (const port of ports) {
    await registry.register({ service: 'accounts', url: new URL(`https://127.0.0.1:${port}`), renewSeconds: 30 })
  }
  const gateway = await startGateway({
    upstreams: { accounts: 'registry+https://accounts' },
    registry: { registry, everyMs: 1_000 },
    connectTo: ofGateway.connectTo,
  })
  context.after(async () => {
    await gateway.close()
    await app.close()
    impostor.close()
    await server.close()
    for (const tls of [ofGateway, ofAccounts]) tls.close()
    await certificates.remove()
  })
  const headers = await bearer(gateway.issuer.url, 'ada')
  for (let asked = 0; asked < 10; asked += 1) {
    assert.equal((await fetch(`${gateway.url}/v1/accounts`, { headers })).status, 200)
  }
  const operator = { headers: await bearer(gateway.issuer.url, 'sam') }
  const instances = async () => {
    const { upstreams } = Traffic.parse(await (await fetch(`${gateway.url}/v1/traffic`, operator)).json())
    return upstreams.find(({ name }) => name === 'accounts')?.instances ?? []
  }
  await until(async () => (await instances()).some(({ standing }) => standing === 'away'))
  const away = (await instances()).find(({ standing }) => standing === 'away')
  assert.equal(away?.name, `https://127.0.0.1:${ports[0]}`)
  assert.match(away?.reason ?? '', /audit answers in place of accounts/)
  assert.equal(bytes, 0)
})
