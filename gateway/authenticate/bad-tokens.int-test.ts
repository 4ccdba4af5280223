import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { badTokens } from '@micropay/runtime/bad-tokens.fixture'
import { startTestIssuer, type TestIssuer } from '@micropay/runtime/test-issuer.fixture'
import { type GatewayUnderTest, problemCode, startGateway } from '../gateway-under-test.ts'

describe('who comes with a bad token', { timeout: 60_000 }, () => {
  let issuer: TestIssuer
  let gateway: GatewayUnderTest
  before(async () => {
    issuer = await startTestIssuer()
    gateway = await startGateway({ tokensOf: issuer.url })
  })
  after(async () => {
    await gateway.close()
    issuer.close()
  })

  for (const [title, make] of badTokens) {
    test(`a token ${title} is a 401 invalid_token, and no service hears of it`, async () => {
      const before = gateway.seen.length
      const authorization = await make(issuer)
      const answer = await fetch(`${gateway.url}/v1/accounts`, { headers: { authorization } })
      assert.equal(answer.status, 401)
      assert.equal(answer.headers.get('www-authenticate'), 'Bearer error="invalid_token"')
      assert.equal(await problemCode(answer), 'unauthenticated')
      assert.equal(gateway.seen.length, before)
    })
  }

  test('a token in the address or the body is none', async () => {
    const token = await issuer.sign()
    const before = gateway.seen.length
    const asked = await fetch(`${gateway.url}/v1/accounts?access_token=${token}`)
    const body = new URLSearchParams({ access_token: token })
    const sent = await fetch(`${gateway.url}/v1/payments`, { method: 'POST', body })
    for (const answer of [asked, sent]) {
      assert.equal(answer.status, 401)
      assert.match(answer.headers.get('www-authenticate') ?? '', /^Bearer, DPoP algs=/)
    }
    assert.equal(gateway.seen.length, before)
  })

  test('two Authorization headers are a 400, though one of them is good', async () => {
    const before = gateway.seen.length
    const good = `Authorization: Bearer ${await issuer.sign()}\r\n`
    for (const both of [`${good}authorization: Basic eDp5\r\n`, `AUTHORIZATION: Bearer x\r\n${good}`, good + good]) {
      const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1').setEncoding('utf8')
      socket.write(`GET /v1/accounts HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${both}\r\n`)
      const text = String((await socket.toArray()).join(''))
      assert.match(text, /^HTTP\/1\.1 400 [\s\S]*\r\nwww-authenticate: Bearer error="invalid_request"\r\n/i)
    }
    assert.equal(gateway.seen.length, before)
  })

  test('the same token, as the issuer makes it, is let through', async () => {
    const authorization = `Bearer ${await issuer.sign()}`
    assert.equal((await fetch(`${gateway.url}/v1/accounts`, { headers: { authorization } })).status, 200)
  })
})
