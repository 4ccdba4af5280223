import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MakePayment } from '@micropay/schemas/payment'
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
  app.get('/mine', { preHandler: app.allow('accounts:read') }, async () => ({}))
  app.get('/broken', async () => {
    throw new Error('a secret of ours')
  })
  return app
}

const json = { 'content-type': 'application/json' }
const cases: readonly [string, string, string | undefined, number, string][] = [
  ['an unknown field', '/payments', '{"postings":[],"x":1}', 400, 'invalid_request'],
  ['broken JSON', '/payments', '{"postings":', 400, 'malformed_json'],
  ['an empty body', '/payments', '', 400, 'malformed_json'],
  ['a body over the limit', '/payments', `"${'x'.repeat(70_000)}"`, 413, 'body_too_large'],
  ['a path that does not exist', '/nowhere', '{}', 404, 'not_found'],
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

for (const type of ['text/xml', 'text/plain']) {
  test(`${type} is a 415`, async () => {
    const app = await exampleApp()
    const answer = await app.inject({ method: 'POST', url: '/payments', headers: { 'content-type': type }, body: 'a' })
    assert.equal(answer.statusCode, 415)
  })
}

test('no token is a 401 that says how to authenticate', async () => {
  const app = await exampleApp()
  const answer = await app.inject({ url: '/mine' })
  assert.equal(answer.statusCode, 401)
  assert.equal(answer.headers['www-authenticate'], 'Bearer')
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
