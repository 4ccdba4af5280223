import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { describe, type TestContext, test } from 'node:test'
import { createLogger } from '@micropay/runtime/logger'
import { openTcpProxy, type TcpProxy } from '@micropay/runtime/tcp-proxy.fixture'
import { Traffic } from '@micropay/schemas/api/traffic'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { bearer, problemCode, startGateway } from '../gateway-under-test.ts'
import { until } from '../share/shared-memory.contract.ts'

/** A gateway whose way to its services can be spoiled, and what it logs. */
async function spoiled(context: TestContext, addRoutes?: (service: FastifyInstance) => void) {
  const ways: TcpProxy[] = []
  const lines: string[] = []
  const through = async (url: string) => {
    const { hostname: host, port } = new URL(url)
    const way = await openTcpProxy({ host, port: Number(port) })
    ways.push(way)
    return way.through(url)
  }
  const log = createLogger('test', 'info', { write: (line) => void lines.push(line) })
  const gateway = await startGateway({ through, log }, addRoutes)
  context.after(async () => {
    await gateway.close()
    for (const way of ways) await way.close()
  })
  const [way] = ways
  assert.ok(way)
  const headers = await bearer(gateway.issuer.url, 'olga')
  const read = (path = '/v1/accounts') => fetch(`${gateway.url}${path}`, { headers })
  const pay = (signal?: AbortSignal) =>
    fetch(`${gateway.url}/v1/payments`, {
      ...{ method: 'POST', headers: { ...headers, 'idempotency-key': 'key' }, body: '{}' },
      ...(signal ? { signal } : {}),
    })
  const said = (text: string) => lines.filter((line) => line.includes(text)).length
  return { gateway, way, read, pay, said }
}

const isAway = async (answer: Response) => {
  assert.equal(answer.headers.get('retry-after'), '2')
  return `${answer.status} ${await problemCode(answer)}`
}
const Ready = z.object({ status: z.string(), trouble: z.string().optional() })

describe('a service that', { timeout: 60_000 }, () => {
  test('stands still is not asked any more, is told of, and is asked again when it goes on', async (context) => {
    const { gateway, way, read, pay, said } = await spoiled(context)
    assert.equal((await read()).status, 200)
    way.set('hold')
    const leaving = new AbortController()
    const sent = pay(leaving.signal).then(
      () => 'answered',
      () => 'left',
    )
    // What a read waits for is not waited for to the end; a command may count, and is.
    assert.equal(await isAway(await read()), '503 upstream_away')
    assert.equal(await isAway(await pay()), '503 upstream_away')
    assert.equal(await isAway(await read('/v1/payments.csv')), '503 upstream_away')
    assert.equal(await Promise.race([sent, read().then(() => 'waits')]), 'waits')
    leaving.abort()
    assert.equal(await sent, 'left')

    const ready = await fetch(`${gateway.url}/health/ready`)
    const { trouble } = Ready.parse(await ready.json())
    assert.equal(ready.status, 503)
    assert.match(trouble ?? '', /accounts does not answer, and is not asked since 20/)
    const headers = await bearer(gateway.issuer.url, 'sam')
    const traffic = Traffic.parse(await (await fetch(`${gateway.url}/v1/traffic`, { headers })).json())
    assert.match(traffic.upstreams.find(({ name }) => name === 'accounts')?.awaySince ?? '', /^20/)
    assert.equal(said('"upstream":"accounts","msg":"a service does not answer'), 1)

    way.set('pass')
    await until(async () => (await read()).status === 200 && (await pay()).status === 200)
    assert.equal(Ready.parse(await (await fetch(`${gateway.url}/health/ready`)).json()).trouble, undefined)
  })

  test('is gone is not asked any more after some failures, and is asked again when it is back', async (context) => {
    const { way, read, pay, gateway } = await spoiled(context)
    way.set('cut')
    const codes: string[] = []
    await until(async () => {
      const answers = await Promise.all([read(), pay()])
      codes.push(...(await Promise.all(answers.map(problemCode))))
      return codes.slice(-2).every((code) => code === 'upstream_away')
    })
    // Broken off as the connection is made, or behind it.
    assert.ok(codes.filter((code) => /^upstream_(unavailable|unreachable)$/.test(code)).length >= 10)
    assert.equal(gateway.seen.filter(({ url }) => url.startsWith('/v1')).length, 0)
    way.set('pass')
    await until(async () => (await read()).status === 200 && (await pay()).status === 200)
    const noted = async () => readFile(gateway.securityLogPath, 'utf8')
    await until(async () => /"event":"breaker","reason":"accounts is asked again"/.test(await noted()))
    assert.match(await noted(), /"event":"breaker","reason":"accounts is not asked, as most of what it is asked fails/)
  })

  test('fails at one kind of request is asked for the others as before', async (context) => {
    const { read, said } = await spoiled(context, (service) => {
      service.get('/v1/payments.csv', (_request, reply) => void reply.raw.destroy())
    })
    const codes: string[] = []
    await until(async () => {
      codes.push(await problemCode(await read('/v1/payments.csv')))
      assert.equal((await read()).status, 200)
      return codes.includes('upstream_away')
    })
    assert.ok(codes.filter((code) => code === 'upstream_unavailable').length >= 5)
    assert.equal(said('"lane":"download"'), 1)
    assert.equal(said('"lane":"read"'), 0)
  })

  test('answers slowly, but answers, is asked', async (context) => {
    const released = Promise.withResolvers<void>()
    const { read, gateway } = await spoiled(context, (service) => {
      service.get('/v1/payments', async () => {
        await released.promise
        return {}
      })
    })
    const slow = read('/v1/payments')
    const startedMs = performance.now()
    // Longer than a silent service is put up with.
    while (performance.now() - startedMs < 7_000) {
      await new Promise((resolve) => setTimeout(resolve, 500))
      assert.equal(Ready.parse(await (await fetch(`${gateway.url}/health/ready`)).json()).trouble, undefined)
    }
    released.resolve()
    assert.equal((await slow).status, 200)
  })
})
