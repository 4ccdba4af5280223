import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { createLogger } from '@micropay/runtime/logger'
import { Problem } from '@micropay/schemas/api/problem'
import type { FastifyInstance } from 'fastify'
import { bearer, type GatewayUnderTest, problemCode, startGateway } from '../gateway-under-test.ts'
import { forEachUpstream } from '../routes.ts'

const KIB = 1024

describe('what is forwarded, and how', { timeout: 60_000 }, () => {
  let gateway: GatewayUnderTest
  let ada: Record<string, string>
  let getsHungUpOn = 0
  let postsHungUpOn = 0
  let streamEnded: Promise<unknown> = Promise.resolve()
  let sendEvent: (text: string) => void = () => {}
  const addRoutes = (service: FastifyInstance) => {
    service.get('/v1/payments/pay-0-1', (request, reply) => {
      getsHungUpOn += 1
      if (getsHungUpOn === 1) request.raw.socket.destroy()
      else reply.send({ attempt: getsHungUpOn })
    })
    service.post('/v1/accounts', (request) => {
      postsHungUpOn += 1
      request.raw.socket.destroy()
    })
    service.get('/v1/payments/pay-0-2', (_request, reply) =>
      reply
        .code(503)
        .headers({ 'retry-after': '1', 'content-type': 'application/problem+json' })
        .send('{"code":"projection_behind"}'),
    )
    service.get('/v1/accounts/big', (_request, reply) => reply.send(Buffer.alloc(1024 * KIB, 'x')))
    service.get('/v1/account-events', (_request, reply) => {
      reply.hijack()
      reply.raw.writeHead(200, { 'content-type': 'text/event-stream' })
      sendEvent = (text) => reply.raw.write(text)
      streamEnded = once(reply.raw, 'close')
      sendEvent('id: 0:1\n\n')
    })
  }
  before(async () => {
    gateway = await startGateway({}, addRoutes)
    ada = await bearer(gateway.issuer.url, 'ada')
  })
  after(() => gateway.close())
  const call = (path: string, init: RequestInit & { headers?: Record<string, string> } = {}) =>
    fetch(`${gateway.url}${path}`, { ...init, headers: { ...ada, ...init.headers } })

  test('the service is told who asked, and nothing that the caller made up', async () => {
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
    const spoofed = {
      'x-forwarded-for': '10.0.0.1',
      'x-forwarded-user': 'root',
      forwarded: 'for=10.0.0.1',
      'x-real-ip': '10.0.0.1',
    }
    const answer = await call('/v1/accounts', {
      headers: { ...spoofed, traceparent, cookie: 'a=1', 'at-least': '0:7' },
    })
    assert.equal(answer.headers.get('traceparent'), traceparent)
    const headers = gateway.seen.at(-1)?.headers ?? {}
    assert.equal(headers['x-forwarded-for'], '127.0.0.1')
    assert.equal(headers['x-forwarded-host'], new URL(gateway.url).host)
    assert.equal(headers.traceparent, traceparent)
    assert.equal(headers['at-least'], '0:7')
    for (const name of ['cookie', 'x-forwarded-user', 'forwarded', 'x-real-ip'])
      assert.equal(headers[name], undefined, name)
  })

  test('a request without a traceparent gets one, the same for caller and service', async () => {
    const made = (await call('/v1/accounts')).headers.get('traceparent')
    assert.match(made ?? '', /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/)
    assert.equal(gateway.seen.at(-1)?.headers.traceparent, made)
  })

  /**
   * Sends that many bytes; with a declared length over the limit none at all, since the answer may not wait for them.
   */
  async function post(path: string, bytes: number, how: 'chunked' | 'declared' | 'declared only'): Promise<Response> {
    const length = how === 'chunked' ? { 'transfer-encoding': 'chunked' } : { 'content-length': String(bytes) }
    const headers = { ...ada, ...length, 'content-type': 'application/json' }
    const sending = httpRequest(`${gateway.url}${path}`, { method: 'POST', headers, agent: false })
    if (how === 'declared only') sending.flushHeaders()
    else sending.end(Buffer.alloc(bytes, 'x'))
    const [answer] = await once(sending, 'response')
    let text = ''
    for await (const chunk of answer) text += chunk
    sending.on('error', () => {}).destroy()
    return new Response(text, {
      status: answer.statusCode,
      headers: { 'content-type': answer.headers['content-type'] },
    })
  }

  for (const [what, path, limit] of [
    ['a payment may have 64 KiB', '/v1/payments', 64 * KIB],
    ['a batch may have 16 MiB', '/v1/payments/batch', 16 * KIB * KIB],
  ] as const) {
    test(`${what}, and not a byte more`, { timeout: 20_000 }, async () => {
      for (const how of ['chunked', 'declared'] as const) {
        assert.equal((await post(path, limit, how)).status, 200)
        assert.equal(gateway.seen.at(-1)?.bytes, limit)
      }
      assert.equal(await problemCode(await post(path, limit + 1, 'chunked')), 'body_too_large')
      assert.equal(await problemCode(await post(path, limit + 1, 'declared only')), 'body_too_large')
    })
  }

  test('a body passes as it is, whatever it is', async () => {
    for (const body of ['', 'not json', '{"a":1}']) {
      const answer = await call('/v1/payments', {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/json' },
      })
      assert.equal(answer.status, 200)
      assert.equal(gateway.seen.at(-1)?.bytes, body.length)
    }
    const bare = await call('/v1/accounts/a/freeze', {
      method: 'POST',
      headers: await bearer(gateway.issuer.url, 'olga'),
    })
    assert.equal(bare.status, 200)
  })

  test('a large answer arrives whole', async () => {
    const answer = await call('/v1/accounts/big')
    assert.equal((await answer.arrayBuffer()).byteLength, 1024 * KIB)
  })

  test('a read that the service hung up on is tried once more, a command never is', async () => {
    assert.deepEqual(await (await call('/v1/payments/pay-0-1')).json(), { attempt: 2 })
    const headers = { ...(await bearer(gateway.issuer.url, 'olga')), 'content-type': 'application/json' }
    const answer = await call('/v1/accounts', { method: 'POST', body: '{}', headers })
    assert.equal(answer.status, 502)
    const { code, outcome } = Problem.parse(await answer.json())
    assert.deepEqual([code, outcome], ['upstream_unavailable', 'unknown'])
    assert.equal(postsHungUpOn, 1)
  })

  test('a refusal of the service is passed on as it is, and not tried again', async () => {
    const answer = await call('/v1/payments/pay-0-2')
    assert.equal(answer.status, 503)
    assert.equal(answer.headers.get('retry-after'), '1')
    assert.deepEqual(await answer.json(), { code: 'projection_behind' })
  })

  test('events arrive one by one, and when the listener goes, so does the stream behind', {
    timeout: 10_000,
  }, async () => {
    const listening = httpRequest(`${gateway.url}/v1/account-events`, { headers: ada }).end()
    const [answer] = await once(listening, 'response')
    assert.equal(answer.headers['content-type'], 'text/event-stream')
    assert.equal(String((await once(answer, 'data'))[0]), 'id: 0:1\n\n')
    sendEvent('id: 0:2\n\n')
    assert.equal(String((await once(answer, 'data'))[0]), 'id: 0:2\n\n')
    listening.destroy()
    await streamEnded
  })

  test('closing ends the open event streams', { timeout: 10_000 }, async () => {
    const closing = await startGateway({}, addRoutes)
    const headers = await bearer(closing.issuer.url, 'ada')
    const listening = httpRequest(`${closing.url}/v1/account-events`, { headers }).end()
    const [answer] = await once(listening, 'response')
    answer.resume().on('error', () => {})
    const ended = new Promise((resolve) => answer.once('close', resolve))
    await closing.app.close()
    await ended
    await closing.close()
  })

  test('a path with another host or a climb in it reaches no other service', { timeout: 10_000 }, async () => {
    const before = gateway.seen.length
    const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1')
    socket.write(
      `GET http://evil.example/v1/accounts HTTP/1.1\r\nHost: x\r\nAuthorization: ${ada.authorization}\r\nConnection: close\r\n\r\n`,
    )
    let text = ''
    for await (const chunk of socket) text += chunk
    assert.match(text, /^HTTP\/1\.1 400 /)
    assert.equal(gateway.seen.length, before)
  })

  test('the log tells what failed by its route and the code of its problem, whoever refused it, and nothing of the caller', async () => {
    const lines: string[] = []
    const log = createLogger('test', 'info', { write: (line) => void lines.push(line) })
    const logged = await startGateway({ log }, addRoutes)
    const headers = await bearer(logged.issuer.url, 'ada')
    await fetch(`${logged.url}/v1/payments/pay-0-2?text=secret`, { headers })
    await fetch(`${logged.url}/v1/projections?text=secret`, { headers })
    await fetch(`${logged.url}/v1/accounts?text=secret`, { headers: { authorization: 'Bearer secret' } })
    await fetch(`${logged.url}/v1/accounts?text=secret`, { headers })
    await logged.close()
    const answered = lines.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'answered')
    assert.deepEqual(
      answered.map(({ method, route, status, problem }) => [method, route, status, problem]),
      [
        ['GET', '/v1/payments/:paymentId', 503, 'projection_behind'],
        ['GET', '/v1/projections', 403, 'forbidden'],
        ['GET', '/v1/accounts', 401, 'unauthenticated'],
      ],
    )
    assert.doesNotMatch(lines.join(''), /secret|stack/)
  })

  test('a service that is down is a 502 that says when to try again, and readiness names it', async () => {
    const alone = await startGateway()
    const headers = await bearer(alone.issuer.url, 'ada')
    await alone.service.close()
    for (const method of ['GET', 'POST']) {
      const answer = await fetch(`${alone.url}/v1/payments`, { method, headers })
      assert.equal(answer.status, 502)
      assert.equal(answer.headers.get('retry-after'), '1')
      const { code, outcome } = Problem.parse(await answer.json())
      assert.deepEqual([code, outcome], ['upstream_unreachable', method === 'GET' ? undefined : 'none'])
    }
    const ready = await fetch(`${alone.url}/health/ready`)
    assert.equal(ready.status, 503, 'a gateway that reaches nothing is cut off')
    const down = { status: 'not ready', reached: false, reason: 'does not answer' }
    assert.deepEqual(await ready.json(), {
      status: 'not ready',
      reason: 'neither the write side nor any read side answers',
      upstreams: {
        ...forEachUpstream(() => down),
        'projections/accounts': down,
      },
    })
    await alone.close()
  })
})
