import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { test } from 'node:test'
import { OwnerId } from '@micropay/schemas/identifiers'
import { buildHttp } from './http.ts'
import { createLogger } from './logger.ts'
import { TokenError } from './verify-token.ts'

/** What arrives until the connection ends: of an app that knows nobody. */
async function answerTo(bytes: string): Promise<{ text: string }> {
  const verifyToken = async () => {
    throw new TokenError('send a token')
  }
  const app = await buildHttp({ log: createLogger('test', 'silent'), title: 'Test', verifyToken })
  app.get('/mine', { onRequest: app.allow('accounts:read') }, async () => ({}))
  const { port } = new URL(await app.listen({ port: 0, host: '127.0.0.1' }))
  const socket = connect(Number(port), '127.0.0.1').setEncoding('utf8')
  socket.write(bytes)
  const text = String((await socket.toArray()).join(''))
  await app.close()
  return { text }
}

test('a token that is not taken is a 401 that says so, and one without the scope a 403 that names it', async () => {
  const verifyToken = async (authorization = '') => {
    if (authorization === 'Bearer bad') throw new TokenError('not this one', { fault: 'invalid_token' })
    const subject = OwnerId.parse('customer:ada')
    return { subject, client: 'test', tenant: 'main', scopes: new Set(['payments:make']), expiresAt: 0 }
  }
  const app = await buildHttp({ log: createLogger('test', 'silent'), title: 'Test', verifyToken })
  app.get('/mine', { onRequest: app.allow('accounts:read', 'accounts:read:any') }, async () => ({}))
  const ask = (authorization: string) => app.inject({ url: '/mine', headers: { authorization } })
  const bad = await ask('Bearer bad')
  assert.equal(bad.statusCode, 401)
  assert.equal(bad.headers['www-authenticate'], 'Bearer error="invalid_token"')
  const lacking = await ask('Bearer good')
  assert.equal(lacking.statusCode, 403)
  assert.equal(lacking.headers['www-authenticate'], 'Bearer error="insufficient_scope", scope="accounts:read"')
})

for (const [title, hosts] of [
  ['no Host', ''],
  ['two Hosts', 'Host: a\r\nhost: a\r\n'],
] as const) {
  test(`a request with ${title} is a 400 problem, and the connection ends`, { timeout: 10_000 }, async () => {
    const { text } = await answerTo(`GET /mine HTTP/1.1\r\n${hosts}\r\n`)
    assert.match(text, /^HTTP\/1\.1 400 [\s\S]*\r\ncontent-type: application\/problem\+json[\s\S]*"invalid_request"/i)
  })
}

test('HTTP/1.0 needs no Host', async () => {
  const { text } = await answerTo('GET /openapi.json HTTP/1.0\r\n\r\n')
  assert.match(text, /^HTTP\/1\.1 200 /)
})

test('a request is found in the log by the trace that it came with', async () => {
  const lines: string[] = []
  const log = createLogger('test', 'info', { write: (line) => void lines.push(line) })
  const app = await buildHttp({ log, title: 'Test', verifyToken: async () => assert.fail('nobody calls') })
  app.get('/broken', async () => {
    throw new Error('on purpose')
  })
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
  const answer = await app.inject({ url: '/broken', headers: { traceparent } })
  assert.equal(answer.json().traceId, '4bf92f3577b34da6a3ce929d0e0e4736')
  assert.match(
    lines.find((line) => line.includes('a request failed')) ?? '',
    /"traceId":"4bf92f3577b34da6a3ce929d0e0e4736"/,
  )
  const other = await app.inject({ url: '/broken', headers: { traceparent: 'nonsense' } })
  assert.match(other.json().traceId, /^[0-9a-f]{32}$/)
})

test('two Authorization headers are a 400, whichever of them is good', async () => {
  const head = 'GET /mine HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: Bearer a\r\n'
  const { text } = await answerTo(`${head}authorization: Bearer a\r\n\r\n`)
  assert.match(text, /^HTTP\/1\.1 400 [\s\S]*\r\nwww-authenticate: Bearer error="invalid_request"\r\n/i)
  assert.match(text, /"code":"invalid_request"/)
})
