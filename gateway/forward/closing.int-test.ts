import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { test } from 'node:test'
import { systemClock } from '@micropay/runtime/clock'
import { createLogger, type Logger } from '@micropay/runtime/logger'
import { bearer, problemCode, startGateway } from '../gateway-under-test.ts'

/** A gateway before a service that never answers, and what each request was told it reached. */
async function silentService(log?: Logger) {
  const reached = Promise.withResolvers<void>()
  let waited = 1
  const arrivals = { count: 0 }
  const gateway = await startGateway({ ...(log ? { log } : {}) }, (service) => {
    service.addHook('onRequest', async ({ url }) => {
      // Nobody of these tests waits for that.
      if (url === '/directory') return undefined
      arrivals.count += 1
      if (arrivals.count === waited) reached.resolve()
      return new Promise(() => undefined)
    })
  })
  return {
    gateway,
    arrived: (count: number) => {
      waited = count
      if (arrivals.count >= count) reached.resolve()
      return reached.promise
    },
  }
}

test('a gateway that is told to end while a service says nothing ends within 5 s, and says so', async (context) => {
  const { gateway, arrived } = await silentService()
  context.after(() => gateway.close())
  const headers = { ...(await bearer(gateway.issuer.url, 'olga')), 'content-type': 'application/json' }
  const read = fetch(`${gateway.url}/v1/accounts/ada`, { headers })
  const command = fetch(`${gateway.url}/v1/payments`, {
    ...{ method: 'POST', headers: { ...headers, 'idempotency-key': 'k1' }, body: '{}' },
  })
  // This one never sends its body, and reads no answer.
  const { port } = new URL(gateway.url)
  const half = connect(Number(port), '127.0.0.1').on('error', () => undefined)
  half.write(
    `POST /v1/payments HTTP/1.1\r\nHost: a\r\nAuthorization: ${headers.authorization}\r\nContent-Length: 9\r\n\r\n{`,
  )
  await arrived(2)
  const startedMs = performance.now()
  const closed = gateway.app.close()
  const [readAnswer, commandAnswer] = await Promise.all([read, command])
  assert.deepEqual([readAnswer.status, await problemCode(readAnswer)], [503, 'overloaded'])
  assert.deepEqual([commandAnswer.status, await problemCode(commandAnswer)], [504, 'outcome_unknown'])
  await closed
  const tookMs = performance.now() - startedMs
  assert.ok(tookMs < 4_900, `it took ${tookMs} ms`)
})

for (const [kind, path, persona] of [
  ['an event stream', '/v1/account-events', 'olga'],
  ['a download', '/v1/payments.csv', 'ada'],
] as const) {
  test(`a caller who leaves before the first byte of ${kind} is no failure of the service`, async (context) => {
    const lines: { level: number }[] = []
    const log = createLogger('gateway', 'info', { write: (line) => void lines.push(JSON.parse(line)) })
    const { gateway, arrived } = await silentService(log)
    context.after(() => gateway.close())
    // The development issuer warns of itself.
    lines.length = 0
    const headers = await bearer(gateway.issuer.url, persona)
    const leaving = new AbortController()
    const asked = fetch(`${gateway.url}${path}`, { headers, signal: leaving.signal })
    await arrived(1)
    leaving.abort()
    await assert.rejects(asked)
    const sam = await bearer(gateway.issuer.url, 'sam')
    const failures = async () => {
      const answer = await fetch(`${gateway.url}/v1/traffic`, { headers: sam })
      const { upstreams }: { upstreams: { failuresPerSecond: number; waiting: number }[] } = await answer.json()
      return upstreams
    }
    while ((await failures()).some(({ waiting }) => waiting > 0)) await systemClock.sleep(10)
    assert.ok((await failures()).every(({ failuresPerSecond }) => failuresPerSecond === 0))
    assert.deepEqual(
      lines.filter(({ level }) => level >= 40),
      [],
    )
  })
}

test('a gateway that ends answers for a while, on open connections and new ones, and says so', async (context) => {
  const gateway = await startGateway()
  context.after(() => gateway.close())
  const headers = await bearer(gateway.issuer.url, 'olga')
  const ask = async () => {
    const answer = await fetch(`${gateway.url}/v1/accounts/ada`, { headers })
    await answer.arrayBuffer()
    return [answer.status, answer.headers.get('connection')]
  }
  assert.deepEqual(await ask(), [200, 'keep-alive'])
  const closed = gateway.app.close()
  // Whoever comes back a moment later, when no connection is open, is answered, too.
  const ready = await fetch(`${gateway.url}/health/ready`)
  assert.deepEqual(
    [ready.status, await ready.json()],
    [503, { status: 'not ready', reason: 'this gateway is shutting down' }],
  )
  await systemClock.sleep(100)
  assert.deepEqual(
    [await ask(), await ask()],
    [
      [200, 'close'],
      [200, 'close'],
    ],
  )
  await closed
  await assert.rejects(ask())
})
