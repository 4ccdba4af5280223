import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type Clock, systemClock } from '@micropay/runtime/clock'
import { z } from 'zod'
import { anyName, type GatewayUnderTest, problemCode, startGateway } from '../gateway-under-test.ts'
import { lanes } from './lanes.ts'

const Health = z.object({ upstreams: z.record(z.string(), z.object({ status: z.string(), reached: z.boolean() })) })
const { most, mostOfCaller, withinMs } = lanes.read

/** The time of reads is over when the test says so. */
const late = new Set<() => void>()
const clock: Clock = {
  ...systemClock,
  timer(durationMs, work) {
    if (durationMs !== withinMs) return systemClock.timer(durationMs, work)
    late.add(work)
    return { cancel: () => void late.delete(work) }
  },
}

describe('a service that answers nobody on any connection for reads', { timeout: 30_000 }, () => {
  let gateway: GatewayUnderTest
  const release = Promise.withResolvers<void>()
  const held = Promise.withResolvers<void>()
  let asked = 0
  let isFree = false
  let reads: Promise<Response>[] = []
  const read = (caller: string) =>
    fetch(`${gateway.url}/v1/accounts`, { headers: { authorization: `Bearer ${caller}` } })
  before(async () => {
    gateway = await startGateway({ clock, verifyToken: anyName }, (service) => {
      service.get('/v1/accounts', async () => {
        asked += 1
        if (asked === most) held.resolve()
        if (!isFree) await release.promise
        return { items: [] }
      })
    })
    const callers = ['ada', 'ben']
    reads = callers.flatMap((caller) => Array.from({ length: mostOfCaller + 1 }, () => read(caller)))
    await held.promise
  })
  after(async () => {
    isFree = true
    release.resolve()
    await Promise.all(reads.map(async (each) => (await each).arrayBuffer()))
    await gateway.close()
  })

  for (const path of ['/health/ready', '/openapi.json']) {
    test(`${path} is told by it all the same`, async () => {
      const answer = await fetch(`${gateway.url}${path}`)
      const body = await answer.json()
      assert.equal(answer.status, 200)
      if (path !== '/health/ready') return
      const { upstreams } = Health.parse(body)
      assert.ok(Object.values(upstreams).every(({ reached }) => reached))
    })
  }

  for (const [what, path, init] of [
    ['a payment', '/v1/payments', { method: 'POST', body: '{}' }],
    ['a read of what was just written', '/v1/accounts/cleo', { headers: { 'at-least': '0:7' } }],
    ['a file', '/v1/payments.csv', {}],
    ['a batch', '/v1/payments/batch', { method: 'POST', body: '{}' }],
  ] as const) {
    test(`${what} is answered meanwhile`, async () => {
      const headers = { ...('headers' in init ? init.headers : {}), authorization: 'Bearer cleo' }
      assert.equal((await fetch(`${gateway.url}${path}`, { ...init, headers })).status, 200)
      assert.equal(asked, most)
    })
  }

  test('whoever waits is told when the time is over, which began when they came, and nobody was asked', async () => {
    const waiting = read('dora')
    while (late.size < reads.length + 1) await systemClock.sleep(10)
    for (const end of [...late]) end()
    const answers = await Promise.all(reads)
    const codes = await Promise.all(answers.map((answer) => problemCode(answer.clone())))
    assert.equal(codes.filter((code) => code === 'upstream_unavailable').length, most)
    assert.equal(codes.filter((code) => code === 'overloaded').length, reads.length - most)
    const answer = await waiting
    assert.deepEqual([answer.status, answer.headers.get('retry-after')], [503, '1'])
    assert.equal(asked, most)
  })

  test('with the places free again reads are answered', async () => {
    isFree = true
    assert.equal((await read('dora')).status, 200)
  })
})
