import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { after, before, describe, test } from 'node:test'
import { Session } from '@micropay/schemas/api/token'
import type { FastifyInstance } from 'fastify'
import { bearer, type GatewayUnderTest, signIn, startGateway } from '../gateway-under-test.ts'

describe('what caches may keep', { timeout: 60_000 }, () => {
  let gateway: GatewayUnderTest
  let directory = ''
  /** A service that would let its answers be kept, and one that says nothing. */
  const addRoutes = (service: FastifyInstance) => {
    const kept = { 'cache-control': 'public, max-age=60', vary: 'Accept' }
    service.get('/v1/payments', (_request, reply) => reply.headers(kept).send({ items: [] }))
    service.get('/v1/payments.csv', (_request, reply) => reply.headers(kept).type('text/csv').send('a\r\n'))
    service.get('/v1/account-events', (_request, reply) => {
      const events = Readable.from(['id: 0:1\n\n'], { objectMode: false })
      return reply.headers(kept).type('text/event-stream').send(events)
    })
    service.get('/v1/payments/big', (_request, reply) => reply.headers(kept).send(Buffer.alloc(100_000)))
    service.get('/v1/payments/none', (_request, reply) => reply.code(404).send({ code: 'not_found' }))
  }
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'gateway-ui-'))
    await writeFile(join(directory, 'index.html'), '<!doctype html><title>MicroPay</title>')
    gateway = await startGateway({ uiDirectory: directory }, addRoutes)
  })
  after(async () => {
    await gateway.close()
    await rm(directory, { recursive: true })
  })

  const isPrivate = ({ status, headers }: Response, expected: number, what: string) => {
    assert.equal(status, expected, what)
    assert.equal(headers.get('cache-control'), 'private, no-store', what)
    assert.equal(headers.get('vary'), 'Authorization, Cookie', what)
  }

  for (const [persona, method, path, status] of [
    ['ada', 'GET', '/v1/accounts', 200],
    ['ada', 'GET', '/v1/payments', 200],
    ['ada', 'GET', '/v1/payments/big', 200],
    ['ada', 'GET', '/v1/payments.csv', 200],
    ['ada', 'GET', '/v1/account-events', 200],
    ['ada', 'GET', '/v1/payments/none', 404],
    ['ada', 'POST', '/v1/payments', 200],
    ['ada', 'POST', '/v1/accounts', 403],
    ['ada', 'PUT', '/v1/payments', 405],
    ['ada', 'GET', '/v1/nothing', 404],
    ['ada', 'GET', '/v1/%zz', 400],
    ['sam', 'GET', '/v1/projections', 200],
    ['sam', 'GET', '/v1/traffic', 200],
    ['sam', 'POST', '/v1/projections/accounts/rebuild', 200],
  ] as const) {
    test(`${method} ${path} for ${persona}, ${status}: nobody, whatever the service says`, async () => {
      const headers = await bearer(gateway.issuer.url, persona)
      const answer = await fetch(`${gateway.url}${path}`, { method, headers })
      isPrivate(answer, status, path)
      await answer.arrayBuffer()
    })
  }

  test('a session, from signing in to signing out, and what is refused without one: nobody', async () => {
    isPrivate(await fetch(`${gateway.url}/session`), 401, 'no session')
    isPrivate(await fetch(`${gateway.url}/v1/accounts`), 401, 'no token')
    isPrivate(await fetch(`${gateway.url}/session/callback`), 400, 'not asked for')
    isPrivate(await fetch(`${gateway.url}/session/login`, { redirect: 'manual' }), 303, 'sign-in')
    const { browser, callback } = await signIn(gateway.url, 'ada')
    isPrivate(callback, 303, 'callback')
    const session = await browser.go(`${gateway.url}/session`)
    isPrivate(session, 200, 'session')
    isPrivate(await browser.go(`${gateway.url}/v1/payments`), 200, 'by cookie')
    const logout = (headers: Record<string, string>) =>
      browser.go(`${gateway.url}/session/logout`, { method: 'POST', headers })
    isPrivate(await logout({}), 403, 'no CSRF token')
    const { csrfToken } = Session.parse(await session.json())
    isPrivate(await logout({ 'x-csrf-token': csrfToken, origin: gateway.url }), 200, 'sign-out')
    isPrivate(await fetch(`${gateway.url}/session/signed-out`, { redirect: 'manual' }), 303, 'signed out')
  })

  test('the files of the UI and the description of the API: as they say themselves', async () => {
    const page = await fetch(`${gateway.url}/accounts`, { headers: { accept: 'text/html' } })
    assert.deepEqual([page.status, page.headers.get('cache-control')], [200, 'no-cache'])
    assert.doesNotMatch(page.headers.get('vary') ?? '', /authorization|cookie/i)
    for (const path of ['/openapi.json', '/health/live']) {
      const answer = await fetch(`${gateway.url}${path}`)
      assert.deepEqual([answer.status, answer.headers.get('cache-control')], [200, null], path)
    }
  })
})
