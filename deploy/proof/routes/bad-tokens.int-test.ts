import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { routes } from '@micropay/gateway/routes'
import { badTokens } from '@micropay/runtime/bad-tokens.fixture'
import { systemClock as clock } from '@micropay/runtime/clock'
import { startTestIssuer, type TestIssuer } from '@micropay/runtime/test-issuer.fixture'
import { createTokenVerifier } from '@micropay/runtime/verify-token'
import { buildWith, services } from './services.fixture.ts'

/** Past the gateway a service takes no more than the gateway does, and reads nothing of who comes so. */
describe('who comes to a service itself with a bad token', () => {
  let issuer: TestIssuer
  before(async () => {
    issuer = await startTestIssuer()
  })
  after(() => issuer.close())

  for (const [service, build] of Object.entries(services)) {
    test(`each kind is a 401 invalid_token of ${service}, whose handlers hear of none`, async () => {
      const verifyToken = createTokenVerifier({ issuer: issuer.url, audience: 'micropay', clock })
      let heard = 0
      const app = await buildWith(
        () => build(verifyToken),
        (made) => {
          made.addHook('preParsing', async () => {
            heard += 1
          })
        },
      )
      const offered = routes.filter(({ upstream }) => upstream === service)
      const asked = ['GET', 'POST'].flatMap((method) => offered.find((route) => route.method === method) ?? [])
      assert.ok(asked.length > 0)
      for (const [title, make] of badTokens) {
        const authorization = await make(issuer)
        for (const { method, path } of asked) {
          const body = method === 'POST' ? { body: {} } : {}
          const answer = await app.inject({ method, url: path, headers: { authorization }, ...body })
          assert.equal(answer.statusCode, 401, `a token ${title}`)
          assert.equal(answer.headers['www-authenticate'], 'Bearer error="invalid_token"', `a token ${title}`)
          assert.equal(answer.json().code, 'unauthenticated')
        }
      }
      assert.equal(heard, 0)
      const scope = asked.flatMap(({ scopes }) => scopes).join(' ')
      const good = `Bearer ${await issuer.sign({ claims: { scope } })}`
      for (const { method, path: url } of asked) await app.inject({ method, url, headers: { authorization: good } })
      assert.equal(heard, asked.length)
      await app.close()
    })
  }
})
