import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { createServer, type Server } from 'node:tls'
import { type Certificates, testCertificates } from '@micropay/local/authority/certificates.fixture'
import { systemClock } from '@micropay/runtime/clock'
import { createLogger } from '@micropay/runtime/logger'
import { openServiceTls, type ServiceTls } from '@micropay/runtime/tls/service-tls'
import { Traffic } from '@micropay/schemas/api/traffic'
import Fastify, { type FastifyInstance } from 'fastify'
import { bearer, type GatewayUnderTest, problemCode, startGateway } from '../gateway-under-test.ts'
import { forEachUpstream } from '../routes.ts'

const log = createLogger('test', 'silent')

describe('a gateway whose services have certificates', { timeout: 60_000 }, () => {
  let certificates: Certificates
  let tls: ServiceTls
  let gateway: GatewayUnderTest
  let impostor: Server
  let service: FastifyInstance
  let ada: Record<string, string>
  let bytes = 0
  const callers: string[] = []
  const open = async (name: 'gateway' | 'accounts' | 'write-side') =>
    openServiceTls({ service: name, paths: await certificates.write(name, { service: name }), clock: systemClock, log })

  before(async () => {
    certificates = await testCertificates()
    tls = await open('gateway')
    const ofAccounts = await open('accounts')
    service = Fastify({ serverFactory: ofAccounts.server, forceCloseConnections: true })
    service.get('/v1/accounts', async ({ raw }) => {
      callers.push(String(ofAccounts.callerOn(raw.socket).service))
      return { items: [] }
    })
    await service.listen({ host: '127.0.0.1', port: 0 })
    const { port } = service.server.address() as AddressInfo
    // It holds a certificate of the authority, of another service than the one that is wanted.
    const issued = await certificates.issue({ service: 'accounts', hosts: ['127.0.0.1'] })
    impostor = createServer(issued, (socket) => {
      socket.on('data', (data) => {
        bytes += data.length
      })
      socket.on('error', () => undefined)
    })
    await once(impostor.listen(0, '127.0.0.1'), 'listening')
    const wrong = `https://127.0.0.1:${(impostor.address() as AddressInfo).port}`
    gateway = await startGateway({
      upstreams: { ...forEachUpstream(() => wrong), accounts: `https://127.0.0.1:${port}` },
      projections: [['accounts', wrong]],
      connectTo: tls.connectTo,
    })
    ada = await bearer(gateway.issuer.url, 'ada')
  })
  after(async () => {
    tls.close()
    await gateway.close()
    await service.close()
    impostor.close()
    await certificates.remove()
  })

  test('reaches them by its own', async () => {
    const answer = await fetch(`${gateway.url}/v1/accounts`, { headers: ada })
    assert.equal(answer.status, 200)
    assert.deepEqual(await answer.json(), { items: [] })
    assert.deepEqual(callers, ['gateway'])
  })

  test('tells a caller 502 where an impostor answers for a service, and the impostor nothing', async () => {
    const sam = await bearer(gateway.issuer.url, 'sam')
    const payment = await fetch(`${gateway.url}/v1/payments`, {
      method: 'POST',
      headers: { ...ada, 'content-type': 'application/json', 'idempotency-key': 'one' },
      body: JSON.stringify({ from: 'ada', legs: [{ to: 'ben', amount: '1' }], currency: 'EUR' }),
    })
    assert.equal(payment.status, 502)
    assert.equal(await problemCode(payment), 'upstream_unreachable')
    const rebuild = await fetch(`${gateway.url}/v1/projections/accounts/rebuild`, { method: 'POST', headers: sam })
    assert.equal(rebuild.status, 502)
    const { upstreams } = Traffic.parse(await (await fetch(`${gateway.url}/v1/traffic`, { headers: sam })).json())
    assert.ok(upstreams.every(({ status }) => status === 'not ready'))
    assert.equal(bytes, 0)
  })
})

test('an https address whose certificate nobody vouches for is told as 502 as well', async (context) => {
  const certificates = await testCertificates()
  const issued = await certificates.issue({ hosts: ['127.0.0.1', 'localhost'] })
  const server = createServer(issued, (socket) => void socket.on('error', () => undefined))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
  const gateway = await startGateway({ upstreams: { accounts: url } })
  context.after(async () => {
    await gateway.close()
    server.close()
    await certificates.remove()
  })
  const headers = await bearer(gateway.issuer.url, 'ada')
  const answer = await fetch(`${gateway.url}/v1/accounts`, { headers })
  assert.equal(answer.status, 502)
  assert.equal(await problemCode(answer), 'upstream_unreachable')
})
