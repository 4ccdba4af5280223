import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { MakePayment } from '@micropay/schemas/api/payment'
import { z } from 'zod'
import { buildHttp } from './http.ts'
import { createLogger } from './logger.ts'
import { TokenError } from './verify-token.ts'

async function exampleApp() {
  const app = await buildHttp({
    log: createLogger('test', 'silent'),
    title: 'Test',
    verifyToken: async () => {
      throw new TokenError('send a token')
    },
  })
  app.post(
    '/payments',
    { schema: { body: MakePayment, response: { 201: z.object({ ok: z.boolean() }) } } },
    async (_request, reply) => reply.code(201).send({ ok: true }),
  )
  app.get('/mine', { onRequest: app.allow('accounts:read') }, async () => ({}))
  app.post('/mine', { onRequest: app.allow('accounts:read') }, async () => ({}))
  app.get('/broken', async () => {
    throw new Error('a secret of ours')
  })
  return app
}

const json = { 'content-type': 'application/json' }
const cases: readonly [string, string, string | Buffer | undefined, number, string][] = [
  ['an unknown field', '/payments', '{"postings":[],"x":1}', 400, 'invalid_request'],
  ['broken JSON', '/payments', '{"postings":', 400, 'malformed_json'],
  ['an empty body', '/payments', '', 400, 'malformed_json'],
  ['a body over the limit', '/payments', `"${'x'.repeat(70_000)}"`, 413, 'body_too_large'],
  ['JSON in UTF-16', '/payments', Buffer.from('{"postings":[]}', 'utf16le'), 400, 'malformed_json'],
  ['bytes that are no UTF-8', '/payments', Buffer.from('{"reference":"caf\xe9"}', 'latin1'), 400, 'malformed_json'],
  ['a path that does not exist', '/nowhere', '{}', 404, 'not_found'],
  ['a body over the limit for no path', '/nowhere', `"${'x'.repeat(70_000)}"`, 404, 'not_found'],
  ['broken JSON for no path', '/nowhere', '{"postings":', 404, 'not_found'],
  ['a path that no one can decode', '/%zz', '{}', 400, 'invalid_request'],
]

for (const [title, url, body, status, code] of cases) {
  test(`${title} is a ${status} problem ${code}`, async () => {
    const app = await exampleApp()
    const answer = await app.inject({ method: 'POST', url, headers: json, ...(body === undefined ? {} : { body }) })
    assert.equal(answer.statusCode, status, answer.body)
    assert.equal(answer.json().code, code)
    assert.match(String(answer.headers['content-type']), /^application\/problem\+json/)
  })
}

test('a posting to oneself is pointed at', async () => {
  const app = await exampleApp()
  const body = { postings: [{ from: 'a', to: 'a', amount: '5', currency: 'EUR' }] }
  const answer = await app.inject({ method: 'POST', url: '/payments', body })
  assert.deepEqual(
    answer.json().errors.map((error: { pointer: string }) => error.pointer),
    ['/postings/0/to'],
  )
})

test('an unknown field is named, with where to look', async () => {
  const app = await exampleApp()
  const body = { postings: [{ from: 'a', to: 'b', amount: '5', currency: 'EUR' }], refrence: 'Rent' }
  const answer = await app.inject({ method: 'POST', url: '/payments', body })
  assert.match(answer.json().detail, /"refrence" is not known here: see \/openapi.json$/)
})

for (const type of ['text/xml', 'text/plain']) {
  test(`${type} is a 415`, async () => {
    const app = await exampleApp()
    const answer = await app.inject({ method: 'POST', url: '/payments', headers: { 'content-type': type }, body: 'a' })
    assert.equal(answer.statusCode, 415)
  })
}

test('a body that is compressed is a 415 that says to send it as it is', async () => {
  const app = await exampleApp()
  const headers = { ...json, 'content-encoding': 'gzip' }
  const answer = await app.inject({ method: 'POST', url: '/payments', headers, body: gzipSync('{"postings":[]}') })
  assert.equal(answer.statusCode, 415)
  assert.match(answer.json().detail, /without Content-Encoding/)
})

const noRequests: readonly [string, string, number, string][] = [
  ['a method that HTTP does not know', 'FOO /payments HTTP/1.1\r\nHost: a\r\n\r\n', 400, 'invalid_request'],
  ['what is no HTTP', 'hello\r\n\r\n', 400, 'invalid_request'],
  ['headers over 16 KiB', `GET /${'a'.repeat(17_000)} HTTP/1.1\r\nHost: a\r\n\r\n`, 431, 'headers_too_large'],
]
for (const [title, bytes, status, code] of noRequests) {
  test(`${title} is a ${status} problem ${code}, and the connection ends`, async () => {
    const app = await exampleApp()
    const { port } = new URL(await app.listen({ port: 0, host: '127.0.0.1' }))
    const socket = connect(Number(port), '127.0.0.1').setEncoding('utf8')
    socket.write(bytes)
    const text = String((await socket.toArray()).join(''))
    await app.close()
    assert.match(
      text,
      new RegExp(`^HTTP/1\\.1 ${status} [\\s\\S]*\\r\\nContent-Type: application/problem\\+json\\r\\n`),
    )
    assert.equal(JSON.parse(text.slice(text.indexOf('\r\n\r\n'))).code, code)
  })
}

test('HEAD is not offered, since it would make a whole answer that nobody takes', async () => {
  const app = await exampleApp()
  for (const url of ['/broken', '/mine']) assert.equal((await app.inject({ method: 'HEAD', url })).statusCode, 404, url)
})

test('what is no HTTP behind a request ends the connection, and is no part of that request’s answer', async () => {
  const app = await exampleApp()
  const held = Promise.withResolvers<void>()
  app.get('/begun', (_request, reply) => {
    reply.raw.writeHead(200, { 'content-length': 1_000 })
    reply.raw.write('begun')
  })
  app.get('/waiting', () => held.promise)
  const { port } = new URL(await app.listen({ port: 0, host: '127.0.0.1' }))
  for (const [path, begun] of [
    ['/begun', 'begun'],
    ['/waiting', ''],
  ] as const) {
    const socket = connect(Number(port), '127.0.0.1').setEncoding('utf8')
    let text = ''
    const closed = new Promise((resolve) => socket.on('close', resolve))
    socket
      .on('error', () => undefined)
      .on('data', (part) => {
        text += part
        if (text.endsWith('begun')) socket.write('hello\r\n\r\n')
      })
    socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n${begun === '' ? 'hello\r\n\r\n' : ''}`)
    await closed
    assert.doesNotMatch(text, /invalid_request/, path)
    assert.ok(text.endsWith(begun), path)
  }
  held.resolve()
  await app.close()
})

test('a body that breaks off its own framing is still told so', async () => {
  const app = await exampleApp()
  const { port } = new URL(await app.listen({ port: 0, host: '127.0.0.1' }))
  const socket = connect(Number(port), '127.0.0.1').setEncoding('utf8')
  const head =
    'POST /payments HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n'
  socket.write(`${head}no size\r\n`)
  const text = String((await socket.toArray()).join(''))
  await app.close()
  assert.match(text, /^HTTP\/1\.1 400 [\s\S]*"code":"invalid_request"/)
})

for (const [body, key] of [
  ['{"postings":[],"__proto__":{"x":1}}', '__proto__'],
  ['{"postings":[{"\\u005f_proto__":1}]}', '__proto__'],
  ['{"constructor":{"prototype":{}}}', 'constructor'],
] as const) {
  test(`${body} is JSON, and the name that is refused is said`, async () => {
    const app = await exampleApp()
    const answer = await app.inject({ method: 'POST', url: '/payments', headers: json, body })
    assert.equal(answer.statusCode, 400)
    assert.equal(answer.json().code, 'invalid_request')
    assert.match(answer.json().detail, new RegExp(`^"${key}" is not taken as a name`))
  })
}

test('no token is a 401 that says how to authenticate', async () => {
  const app = await exampleApp()
  const answer = await app.inject({ url: '/mine' })
  assert.equal(answer.statusCode, 401)
  assert.equal(answer.headers['www-authenticate'], 'Bearer, DPoP algs="ES256 PS256 EdDSA Ed25519"')
})

test('a bug is a 500 that keeps our secrets', async () => {
  const app = await exampleApp()
  const answer = await app.inject({ url: '/broken' })
  assert.equal(answer.statusCode, 500)
  assert.doesNotMatch(answer.body, /secret/)
})

test('the OpenAPI document is made from the schemas', async () => {
  const app = await exampleApp()
  const document = (await app.inject({ url: '/openapi.json' })).json()
  assert.equal(document.openapi, '3.1.0')
  assert.ok(document.paths['/payments'].post.requestBody)
  assert.ok(document.components.schemas.Posting)
})

/** What arrives of the answer to these bytes until the connection ends, and after how long it did. */
async function answerTo(app: Awaited<ReturnType<typeof exampleApp>>, ...parts: string[]) {
  const { port } = new URL(await app.listen({ port: 0, host: '127.0.0.1' }))
  const socket = connect(Number(port), '127.0.0.1').setEncoding('utf8')
  for (const part of parts) socket.write(part)
  const startedMs = performance.now()
  const text = String((await socket.toArray()).join(''))
  await app.close()
  return { text, tookMs: performance.now() - startedMs }
}

const post = 'POST /mine HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n'
for (const [title, head] of [
  ['a length', `${post}Content-Length: 15000000\r\n\r\n`],
  ['chunks', `${post}Transfer-Encoding: chunked\r\n\r\n5\r\n`],
] as const) {
  test(`who may not send a body, told by ${title}, is answered before its end, and the connection ends`, {
    timeout: 10_000,
  }, async () => {
    const { text } = await answerTo(await exampleApp(), head, '{"a":')
    assert.match(text, /^HTTP\/1\.1 401 [\s\S]*\r\nconnection: close\r\n/i)
    assert.match(text, /"code":"unauthenticated"/)
  })
}

test('who goes on to send what is refused reads the answer all the same', { timeout: 10_000 }, async () => {
  const app = await exampleApp()
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  for (let times = 0; times < 20; times += 1) {
    const answer = await fetch(`${url}/mine`, { method: 'POST', headers: json, body: Buffer.alloc(8_000_000, '[') })
    assert.equal(answer.status, 401)
  }
  await app.close()
})

test('a refused request whose body came whole leaves its connection to the next', { timeout: 10_000 }, async () => {
  const one = `${post}Content-Length: 5\r\n\r\n{"a":`
  const { text } = await answerTo(
    await exampleApp(),
    one,
    one,
    `GET /mine HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
  )
  assert.equal(text.match(/HTTP\/1\.1 401 /g)?.length, 3)
})

test('who asks on an open connection while the app closes gets a problem, and nothing is begun', async () => {
  const app = await exampleApp()
  const [closing, held] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  let begun = 0
  app.post('/begin', async () => {
    begun += 1
    return { ok: true }
  })
  app.addHook('preClose', async () => {
    closing.resolve()
    await held.promise
  })
  const { port } = new URL(await app.listen({ port: 0, host: '127.0.0.1' }))
  const socket = connect(Number(port), '127.0.0.1').setEncoding('utf8')
  const request = 'POST /begin HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}'
  socket.write(request)
  assert.match((await once(socket, 'data'))[0], /^HTTP\/1\.1 200 /)
  const closed = app.close()
  await closing.promise
  socket.write(request)
  const answer: string = (await once(socket, 'data'))[0]
  assert.match(answer, /^HTTP\/1\.1 503 [\s\S]*"code":"overloaded"[\s\S]*"outcome":"none"/)
  held.resolve()
  await closed
  assert.equal(begun, 1)
})
