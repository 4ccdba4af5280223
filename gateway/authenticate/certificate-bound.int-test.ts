import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { request as plainRequest, type RequestListener } from 'node:http'
import { createServer, request, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { after, before, describe, test } from 'node:test'
import type { Issued } from '@micropay/local/authority/authority'
import { type Certificates, testCertificates } from '@micropay/local/authority/certificates.fixture'
import { clientCertHeader } from '@micropay/runtime/client-certificate'
import { systemClock } from '@micropay/runtime/clock'
import { createTokenVerifier, TokenError } from '@micropay/runtime/verify-token'
import { decodeJwt } from 'jose'
import { z } from 'zod'
import { type GatewayUnderTest, startGateway } from '../gateway-under-test.ts'
import { type OtherIssuer, startOtherIssuer } from './other-issuer.fixture.ts'

const TokenAnswer = z.object({ access_token: z.string() })
type Asked = { readonly by?: Issued | undefined; readonly headers?: Record<string, string | string[]> }

describe('tokens of oidc-provider that are bound to a certificate', { timeout: 60_000 }, () => {
  let certificates: Certificates
  let issuer: OtherIssuer
  let gateway: GatewayUnderTest
  let behindProxy: GatewayUnderTest
  let own: Issued
  let other: Issued
  const servers: Server[] = []

  /** A door of TLS 1.3 that asks for a certificate, whoever issued it. */
  async function openDoor(handler: RequestListener): Promise<number> {
    const server = createServer(
      {
        ...{ ...(await certificates.issue({ hosts: ['127.0.0.1'] })), minVersion: 'TLSv1.3' },
        ...{ requestCert: true, rejectUnauthorized: false },
      },
      handler,
    )
    servers.push(server)
    await once(server.listen(0, '127.0.0.1'), 'listening')
    return (server.address() as AddressInfo).port
  }
  let ports: { readonly issuer: number; readonly gateway: number }

  before(async () => {
    certificates = await testCertificates()
    // Of an authority that nobody here knows: what counts is who holds the key.
    const elsewhere = await testCertificates('Another authority')
    own = await elsewhere.issue({ hosts: ['machine.example'] })
    other = await elsewhere.issue({ hosts: ['machine.example'] })
    await elsewhere.remove()
    issuer = await startOtherIssuer()
    gateway = await startGateway({ tokensOf: issuer.url })
    behindProxy = await startGateway({ tokensOf: issuer.url, clientCertProxies: ['127.0.0.1'] })
    ports = {
      issuer: await openDoor(issuer.handle),
      gateway: await openDoor((asked, reply) => gateway.app.routing(asked, reply)),
    }
  })
  after(async () => {
    for (const server of servers) {
      server.closeAllConnections()
      server.close()
    }
    await gateway.close()
    await behindProxy.close()
    issuer.close()
    await certificates.remove()
  })

  async function ask(port: number, path: string, { by, headers = {} }: Asked, body?: URLSearchParams) {
    const asked = request({
      ...{ host: '127.0.0.1', port, path, agent: false, method: body ? 'POST' : 'GET', rejectUnauthorized: false },
      ...{ headers: { ...headers, ...(body ? { 'content-type': 'application/x-www-form-urlencoded' } : {}) } },
      ...(by ?? {}),
    })
    asked.end(body?.toString())
    const [answer] = await once(asked, 'response')
    return { status: answer.statusCode, headers: answer.headers, body: await text(answer) }
  }
  async function askPlainly(url: string, headers: Record<string, string | string[]>) {
    const asked = plainRequest(`${url}/v1/accounts`, { headers, agent: false }).end()
    const [answer] = await once(asked, 'response')
    answer.resume()
    return answer.statusCode
  }
  async function boundToken(by: Issued): Promise<string> {
    const basic = Buffer.from('bound-machine:of%20the%20machine').toString('base64')
    const form = new URLSearchParams({ grant_type: 'client_credentials', scope: 'accounts:read' })
    const answer = await ask(ports.issuer, '/token', { by, headers: { authorization: `Basic ${basic}` } }, form)
    assert.equal(answer.status, 200, answer.body)
    return TokenAnswer.parse(JSON.parse(answer.body)).access_token
  }
  const headerOf = ({ cert }: Issued) => clientCertHeader(new X509Certificate(cert).raw)

  test('are taken from the holder of its key, here and behind', async () => {
    const token = await boundToken(own)
    assert.deepEqual(Object.keys(z.object({ cnf: z.object({}).loose() }).parse(decodeJwt(token)).cnf), ['x5t#S256'])
    const authorization = `Bearer ${token}`
    assert.equal((await ask(ports.gateway, '/v1/accounts', { by: own, headers: { authorization } })).status, 200)
    const seen = gateway.seen.at(-1)
    assert.equal(seen?.headers['client-cert'], headerOf(own))

    const behind = createTokenVerifier({ issuer: issuer.url, audience: 'micropay', clock: systemClock })
    await assert.rejects(behind(authorization), TokenError)
  })

  test('are of no use to anybody else, and no service hears of it', async () => {
    const authorization = `Bearer ${await boundToken(own)}`
    const before = gateway.seen.length
    const claimed = { authorization, 'client-cert': headerOf(own), 'client-cert-chain': headerOf(own) }
    for (const [title, asked] of [
      ['without a certificate', { headers: { authorization } }],
      ['by another certificate of the same names', { by: other, headers: { authorization } }],
      ['without one, and the header of a proxy', { headers: claimed }],
      ['by another one, and the header of a proxy', { by: other, headers: claimed }],
      [
        'by the scheme of tokens bound to keys',
        { by: own, headers: { authorization: `DPoP ${authorization.slice(7)}` } },
      ],
    ] as const) {
      const answer = await ask(ports.gateway, '/v1/accounts', asked)
      assert.equal(answer.status, 401, title)
      assert.match(String(answer.headers['www-authenticate']), /error="invalid_token"/, title)
    }
    // As plain HTTP has it, where there is no TLS before the gateway.
    assert.equal(await askPlainly(gateway.url, claimed), 401)
    assert.equal(gateway.seen.length, before)
  })

  test('a proxy that ends TLS is believed where it is listed, and one header alone', async () => {
    const authorization = `Bearer ${await boundToken(own)}`
    assert.equal(await askPlainly(behindProxy.url, { authorization, 'client-cert': headerOf(own) }), 200)
    for (const [title, told] of [
      ['none', undefined],
      ['of another one', headerOf(other)],
      ['two', [headerOf(own), headerOf(own)]],
      ['two, of another one', [headerOf(other), headerOf(own)]],
      ['what is no byte sequence', headerOf(own).slice(1, -1)],
      ['no certificate', '::'],
    ] as const) {
      const headers = { authorization, ...(told === undefined ? {} : { 'client-cert': told as string | string[] }) }
      assert.equal(await askPlainly(behindProxy.url, headers), 401, title)
    }
  })

  test('a certificate says nothing of who sends a token that is bound to none', async () => {
    const basic = Buffer.from('machine:of%20the%20machine').toString('base64')
    const form = new URLSearchParams({ grant_type: 'client_credentials', scope: 'accounts:read' })
    const answer = await ask(ports.issuer, '/token', { headers: { authorization: `Basic ${basic}` } }, form)
    const authorization = `Bearer ${TokenAnswer.parse(JSON.parse(answer.body)).access_token}`
    assert.equal((await ask(ports.gateway, '/v1/accounts', { by: other, headers: { authorization } })).status, 200)
    assert.equal((await ask(ports.gateway, '/v1/accounts', { headers: { authorization } })).status, 200)
  })
})
