import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { bearer, type GatewayUnderTest, problemCode, startGateway } from '../gateway-under-test.ts'

const MIB = 1024 * 1024

describe('who is refused is refused before the body', { timeout: 60_000 }, () => {
  let gateway: GatewayUnderTest
  before(async () => {
    gateway = await startGateway({ rateLimitPerSecond: 1 })
  })
  after(() => gateway.close())

  /** Sends the head of a long body and a piece of it; what is answered until the connection ends. */
  async function answerToHalf(path: string, headers: Record<string, string>, method = 'POST'): Promise<string> {
    const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1').setEncoding('utf8')
    const said = { host: 'a', 'content-type': 'application/json', 'content-length': String(15 * MIB), ...headers }
    const head = Object.entries(said).map(([name, value]) => `${name}: ${value}\r\n`)
    socket.write(`${method} ${path} HTTP/1.1\r\n${head.join('')}\r\n`)
    socket.write('{"payments":[')
    return String((await socket.toArray()).join(''))
  }

  for (const path of ['/v1/payments/batch', '/v1/statements?account=bank', '/v1/payments', '/session/logout']) {
    test(`${path} of nobody is a 401 at once, and the connection ends`, async () => {
      const before = gateway.seen.length
      const text = await answerToHalf(path, {})
      assert.match(text, /^HTTP\/1\.1 401 [\s\S]*\r\nconnection: close\r\n[\s\S]*"code":"unauthenticated"/i)
      assert.equal(gateway.seen.length, before)
    })
  }

  test('a path that is not offered is a 404 at once', async () => {
    assert.match(await answerToHalf('/v1/nothing', {}), /^HTTP\/1\.1 404 [\s\S]*\r\nconnection: close\r\n/i)
  })

  test('the wrong scope and another method end the connection as well', async () => {
    const fiona = await bearer(gateway.issuer.url, 'fiona')
    assert.match(await answerToHalf('/v1/payments/batch', fiona), /^HTTP\/1\.1 403 [\s\S]*\r\nconnection: close\r\n/i)
    assert.match(await answerToHalf('/v1/payments/batch', {}, 'PUT'), /^HTTP\/1\.1 405 [\s\S]*connection: close\r\n/i)
  })

  test('who is over the limit, and sends on, is told so', async () => {
    const ada = await bearer(gateway.issuer.url, 'ada')
    const send = () =>
      fetch(`${gateway.url}/v1/payments/batch`, {
        method: 'POST',
        headers: { ...ada, 'content-type': 'application/json' },
        body: Buffer.alloc(8 * MIB, ' '),
      })
    const answers = [await send(), await send(), await send()]
    const refused = answers.filter(({ status }) => status === 429)
    assert.ok(refused.length > 0, String(answers.map(({ status }) => status)))
    for (const answer of refused) assert.equal(await problemCode(answer), 'rate_limited')
  })
})
