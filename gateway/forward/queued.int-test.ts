import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { z } from 'zod'
import { bearer, type GatewayUnderTest, startGateway } from '../gateway-under-test.ts'
import { CONNECTIONS } from './upstreams.ts'

const Health = z.object({ upstreams: z.record(z.string(), z.object({ status: z.string(), reached: z.boolean() })) })

describe('a service that answers nobody on any connection', { timeout: 20_000 }, () => {
  let gateway: GatewayUnderTest
  const release = Promise.withResolvers<void>()
  const held = Promise.withResolvers<void>()
  let asked = 0
  let reads: Promise<Response>[] = []
  before(async () => {
    gateway = await startGateway({}, (service) => {
      service.get('/v1/accounts', async () => {
        asked += 1
        if (asked === CONNECTIONS) held.resolve()
        await release.promise
        return { items: [] }
      })
    })
    const headers = await bearer(gateway.issuer.url, 'ada')
    reads = Array.from({ length: CONNECTIONS + 1 }, () => fetch(`${gateway.url}/v1/accounts`, { headers }))
    await held.promise
  })
  after(async () => {
    release.resolve()
    for (const read of reads) await (await read).arrayBuffer()
    await gateway.close()
  })

  for (const path of ['/health/ready', '/openapi.json']) {
    test(`${path} waits for it no longer than its time, although it was only queued`, async () => {
      const startedMs = performance.now()
      const answer = await fetch(`${gateway.url}${path}`)
      const body = await answer.json()
      assert.equal(answer.status, 200)
      assert.ok(performance.now() - startedMs < 4_000)
      if (path !== '/health/ready') return
      const { upstreams } = Health.parse(body)
      assert.deepEqual(upstreams.accounts, { status: 'not ready', reached: false })
      assert.equal(upstreams.reconciliation?.reached, true)
    })
  }

  test('who waited meanwhile is answered', async () => {
    assert.equal(asked, CONNECTIONS)
    release.resolve()
    for (const read of reads) assert.equal((await read).status, 200)
  })
})
