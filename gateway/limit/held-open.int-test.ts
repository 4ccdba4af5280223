import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { anyName, type GatewayUnderTest, problemCode, startGateway } from '../gateway-under-test.ts'

type Sent = { readonly method?: string; readonly path: string; readonly headers?: Record<string, string> }

const uploading = { 'content-type': 'application/json', 'content-length': String(8 * 1024 * 1024) }
/** What one caller holds open, how often, and how much of it goes on at a time: the rest waits, or is refused. */
const attacks: readonly (readonly [string, number, Sent, number, 'waits' | 'is refused'])[] = [
  [
    'reads that wait',
    130,
    { path: '/v1/accounts', headers: { 'at-least': '0:999999999', prefer: 'wait=10' } },
    4,
    'waits',
  ],
  ['slow reads', 130, { path: '/v1/payments?text=a' }, 48, 'waits'],
  ['slow commands', 130, { method: 'POST', path: '/v1/payments' }, 48, 'waits'],
  ['commands that wait', 130, { method: 'POST', path: '/v1/payments', headers: { prefer: 'wait=30' } }, 16, 'waits'],
  ['uploads that trickle', 70, { method: 'POST', path: '/v1/payments/batch', headers: uploading }, 2, 'is refused'],
  ['statements that trickle', 70, { method: 'POST', path: '/v1/statements', headers: uploading }, 1, 'is refused'],
  [
    'payments that trickle',
    70,
    { method: 'POST', path: '/v1/payments', headers: { 'content-length': '9' } },
    0,
    'waits',
  ],
  ['event streams', 205, { path: '/v1/account-events' }, 6, 'is refused'],
  ['files', 40, { path: '/v1/payments.csv' }, 2, 'is refused'],
  ['lists as files', 40, { path: '/v1/trial-balance?format=csv' }, 2, 'is refused'],
  ['verifications', 10, { path: '/v1/audit/verify' }, 1, 'is refused'],
]
/** What another one does meanwhile. */
const others: readonly Sent[] = [
  { method: 'POST', path: '/v1/payments' },
  { method: 'POST', path: '/v1/payments', headers: { prefer: 'wait=5' } },
  { method: 'POST', path: '/v1/payments/batch' },
  { path: '/v1/accounts' },
  { path: '/v1/accounts', headers: { 'at-least': '0:1' } },
  { path: '/v1/payments.csv' },
  { path: '/v1/trial-balance?format=csv' },
  { path: '/v1/account-events' },
  { path: '/v1/audit/verify' },
  { path: '/health/ready' },
]

describe('what one caller holds open keeps no other one waiting', { timeout: 60_000 }, () => {
  let gateway: GatewayUnderTest
  const held: ClientRequest[] = []
  let begun = 0
  let release = Promise.withResolvers<void>()
  beforeEach(async () => {
    begun = 0
    release = Promise.withResolvers()
    gateway = await startGateway({ verifyToken: anyName }, (service) => {
      service.addHook('onRequest', async ({ headers }) => {
        if (headers.authorization !== 'Bearer mallory') return
        begun += 1
        await release.promise
      })
    })
  })
  afterEach(async () => {
    for (const each of held.splice(0)) each.destroy()
    release.resolve()
    await gateway.close()
  })

  function send({ method = 'GET', path, headers = {} }: Sent): Promise<IncomingMessage> {
    const sent = request(`${gateway.url}${path}`, {
      ...{ method, agent: false, headers: { ...headers, authorization: 'Bearer mallory' } },
    })
    held.push(sent.on('error', () => undefined))
    if ('content-length' in headers) sent.write('{')
    else sent.end(method === 'POST' ? '{}' : undefined)
    return once(sent, 'response').then(([answer]) => answer)
  }
  async function status({ method = 'GET', path, headers = {} }: Sent, caller: string): Promise<number> {
    const answer = await fetch(`${gateway.url}${path}`, {
      ...{ method, headers: { ...headers, authorization: `Bearer ${caller}` } },
      ...(method === 'POST' ? { body: '{}' } : {}),
    })
    await answer.arrayBuffer()
    return answer.status
  }

  for (const [what, times, sent, atATime, rest] of attacks) {
    test(`${times} ${what}: ${atATime} go on, and the rest ${rest}`, async () => {
      const codes: string[] = []
      const answered = Array.from({ length: times }, async () => {
        const answer = await send(sent)
        const body = Buffer.concat(await answer.toArray())
        codes.push(
          `${answer.statusCode} ${JSON.parse(String(body)).code} ${answer.headers['retry-after'] !== undefined}`,
        )
      })
      for (const each of answered) each.catch(() => undefined)
      while (begun < atATime) await new Promise(setImmediate)
      for (const other of others) assert.equal(await status(other, 'ada'), 200, other.path)
      if (rest === 'is refused') {
        while (codes.length < times - atATime) await new Promise(setImmediate)
        assert.deepEqual([...new Set(codes)], ['429 rate_limited true'])
      }
      assert.equal(begun, atATime)
    })
  }

  test('whoever leaves before a service has answered keeps the place until it has', async () => {
    for (let times = 0; times < 130; times += 1) void send({ method: 'POST', path: '/v1/payments' }).catch(() => {})
    while (begun < 48) await new Promise(setImmediate)
    for (const each of held.splice(0)) each.destroy()
    void send({ method: 'POST', path: '/v1/payments' }).catch(() => {})
    for (const other of others) assert.equal(await status(other, 'ada'), 200, other.path)
    assert.equal(begun, 48)
  })

  test('who is refused a place is told what to let end', async () => {
    for (let times = 0; times < 6; times += 1) void send({ path: '/v1/account-events' }).catch(() => {})
    while (begun < 6) await new Promise(setImmediate)
    const answer = await fetch(`${gateway.url}/v1/account-events`, { headers: { authorization: 'Bearer mallory' } })
    assert.equal(answer.headers.get('retry-after'), '5')
    const { detail } = (await answer.clone().json()) as { detail: string }
    assert.equal(detail, '6 event streams of one caller are under way: let one of them end, and send it again')
    assert.equal(await problemCode(answer), 'rate_limited')
  })
})
