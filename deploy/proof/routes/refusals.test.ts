import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Route, routes } from '@micropay/gateway/routes'
import { buildWith, services, verifySpoken } from './services.fixture.ts'

/**
 * Who calls comes first, on every route of every service: a body that its sender may not send is not read, and what is
 * wrong with it is told to nobody else.
 */
const MIB = 1024 * 1024
const malformed = '{"postings":'
const large = Buffer.alloc(15 * MIB, '[')

for (const [service, build] of Object.entries(services)) {
  const offered = routes.filter(({ upstream }) => upstream === service)
  const serve = async () => {
    let read = 0
    const app = await buildWith(
      () => build(verifySpoken),
      (made) => {
        made.addHook('preParsing', async () => {
          read += 1
        })
      },
    )
    const ask = async (route: Route, headers: Record<string, string>, body: string | Buffer = malformed) => {
      const sent = route.method === 'POST' ? { body } : {}
      const type = route.path === '/v1/statements' ? 'application/xml' : 'application/json'
      const url = `${route.path.replaceAll(/:\w+/g, '%00')}?limit=many&x=y`
      const answer = await app.inject({
        method: route.method,
        url,
        headers: { 'content-type': type, ...headers },
        ...sent,
      })
      return [answer.statusCode, answer.json().code]
    }
    return { app, ask, read: () => read }
  }

  test(`${service} tells who has no token, or not the scope, nothing else, and reads nothing of them`, async () => {
    assert.ok(offered.length > 0)
    const { app, ask, read } = await serve()
    for (const route of offered) {
      const others = {
        authorization: routes
          .flatMap(({ scopes }) => scopes)
          .filter(notOf(route))
          .join(' '),
      }
      for (const body of [malformed, large]) {
        assert.deepEqual(await ask(route, {}, body), [401, 'unauthenticated'], route.path)
        assert.deepEqual(await ask(route, others, body), [403, 'forbidden'], route.path)
      }
    }
    assert.equal(read(), 0)
    await app.close()
  })

  test(`${service} tells who has the scope what is wrong with the rest`, async () => {
    const { app, ask, read } = await serve()
    const posts = offered.filter(({ method }) => method === 'POST')
    for (const route of posts) {
      const [status] = await ask(route, { authorization: String(route.scopes[0]) })
      assert.equal(status, 400, route.path)
    }
    assert.equal(read(), posts.length)
    await app.close()
  })
}

const notOf = (route: Route) => (scope: string) => !route.scopes.some((one) => one === scope)
