import assert from 'node:assert/strict'
import { test } from 'node:test'
import { routes } from '@micropay/gateway/routes'
import { buildWith, services, verifySpoken } from './services.fixture.ts'

/** Whatever a service answers a caller, nobody between the two keeps it, nor gives it to another caller. */
for (const [service, build] of Object.entries(services)) {
  test(`what ${service} answers a caller is kept nowhere, and what it answers anyone may be`, async () => {
    const app = await buildWith(
      () => build(verifySpoken),
      (made) => {
        // In place of the handlers, which have nothing behind them here.
        made.addHook('preValidation', async ({ headers }, reply) =>
          headers.prefer === 'answer' ? reply.code(204).send() : undefined,
        )
      },
    )
    for (const { method, path, scopes } of routes.filter(({ upstream }) => upstream === service)) {
      const url = path.replaceAll(/:\w+/g, '%00')
      const authorization = String(scopes[0])
      const answers: [number, Awaited<ReturnType<typeof app.inject>>][] = [
        [204, await app.inject({ method, url, headers: { authorization, prefer: 'answer' } })],
        [401, await app.inject({ method, url })],
        [403, await app.inject({ method, url, headers: { authorization: 'none' } })],
        [404, await app.inject({ method, url: '/v1/nothing', headers: { authorization } })],
      ]
      if (method === 'POST') {
        const type = path === '/v1/statements' ? 'application/xml' : 'application/json'
        const headers = { authorization, 'content-type': type }
        answers.push([400, await app.inject({ method, url, headers, body: '{' })])
      }
      for (const [status, { statusCode, headers }] of answers) {
        assert.equal(statusCode, status, path)
        assert.equal(headers['cache-control'], 'private, no-store', `${path} ${status}`)
        assert.equal(headers.vary, 'Authorization, Cookie', `${path} ${status}`)
      }
    }
    for (const url of ['/openapi.json', '/health/live']) {
      assert.equal((await app.inject(url)).headers['cache-control'], undefined, url)
    }
    await app.close()
  })
}
