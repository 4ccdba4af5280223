import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type ClientRequest, get, type IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { after, afterEach, before, describe, test } from 'node:test'
import { type Clock, systemClock } from '@micropay/runtime/clock'
import type { FastifyInstance } from 'fastify'
import { anyName, type GatewayUnderTest, problemCode, startGateway } from '../gateway-under-test.ts'
import { lanes } from './lanes.ts'

const { most, mostOfCaller } = lanes.download

/** Minutes pass when the test says so. */
const sleepers = new Set<() => void>()
const clock: Clock = {
  ...systemClock,
  sleep: (durationMs, signal) => {
    if (durationMs < 60_000) return systemClock.sleep(durationMs, signal)
    return new Promise((resolve) => {
      sleepers.add(() => resolve(true))
      signal?.addEventListener('abort', () => resolve(false))
    })
  },
}

describe('long answers with slow readers', { timeout: 60_000 }, () => {
  let gateway: GatewayUnderTest
  const ada = { authorization: 'Bearer ada' }
  let made = 0
  const open: ClientRequest[] = []

  const addRoutes = (service: FastifyInstance) => {
    async function* lines() {
      made += 1
      try {
        for (;;) yield 'x'.repeat(64 * 1024)
      } finally {
        made -= 1
      }
    }
    for (const path of [
      '/v1/payments.csv',
      '/v1/payments',
      '/v1/trial-balance',
      '/v1/daily-totals',
      '/v1/audit/accounts/ada/replay',
    ])
      service.get(path, (_request, reply) => reply.type('text/csv').send(Readable.from(lines(), { objectMode: false })))
    service.get('/v1/accounts/ada', (_request, reply) => reply.send({ balance: '1' }))
  }
  before(async () => {
    gateway = await startGateway({ clock, verifyToken: anyName }, addRoutes)
  })
  after(() => gateway.close())
  const allGone = async () => {
    for (const request of open.splice(0)) request.destroy()
    while (made > 0) await balance()
  }
  afterEach(allGone)

  const balance = () => fetch(`${gateway.url}/v1/accounts/ada`, { headers: ada })

  /** Begins a download and reads nothing of it. */
  async function begin(path = '/v1/payments.csv', headers: Record<string, string> = ada): Promise<IncomingMessage> {
    const request = get(`${gateway.url}${path}`, { headers, agent: false }).on('error', () => undefined)
    open.push(request)
    const [answer]: IncomingMessage[] = await once(request, 'response')
    assert.ok(answer)
    return answer.on('error', () => undefined)
  }

  /** Downloads of as many callers as it takes for so many, each with all that one may have. */
  const beginAll = (count: number, path?: string, headers: Record<string, string> = {}) =>
    Promise.all(
      Array.from({ length: count }, (_, index) => {
        const authorization = `Bearer caller-${Math.floor(index / mostOfCaller)}`
        return begin(path, { ...headers, authorization })
      }),
    )

  test('one caller has so many at a time, whatever others have, and is told to let one end', async () => {
    const answers = [await begin(), await begin()]
    assert.ok(answers.every(({ statusCode }) => statusCode === 200))
    const third = await fetch(`${gateway.url}/v1/payments.csv`, { headers: ada })
    assert.deepEqual([third.status, third.headers.get('retry-after')], [429, '5'])
    assert.equal(await problemCode(third), 'rate_limited')
    assert.equal((await begin('/v1/payments.csv', { authorization: 'Bearer ben' })).statusCode, 200)
    answers[0]?.destroy()
    while (made === mostOfCaller + 1) await balance()
    assert.equal((await begin()).statusCode, 200)
  })

  test('as many as may be, and more, keep no small read waiting; those beyond are told when to come again', async () => {
    const answers = await beginAll(2 * most)
    const statuses = answers.map(({ statusCode }) => statusCode)
    assert.equal(statuses.filter((status) => status === 200).length, most)
    const refused = answers.filter(({ statusCode }) => statusCode === 503)
    assert.equal(refused.length, most)
    assert.ok(refused.every(({ headers }) => headers['retry-after'] === '5'))
    const balances = await Promise.all(Array.from({ length: 200 }, balance))
    assert.ok(balances.every(({ status }) => status === 200))
    const late = await fetch(`${gateway.url}/v1/payments.csv`, { headers: ada })
    assert.equal(await problemCode(late), 'overloaded')
  })

  test('a place is free again when its reader goes away', async () => {
    const answers = await beginAll(most)
    assert.equal((await begin()).statusCode, 503)
    answers[0]?.destroy()
    while (made === most) await balance()
    assert.equal((await begin()).statusCode, 200)
  })

  test('files and line streams are downloads wherever they are asked for, and share the places of their service', async () => {
    for (const [path, headers] of [
      ['/v1/trial-balance?format=csv', {}],
      ['/v1/daily-totals?zone=UTC&f%6frmat=%63sv', {}],
      ['/v1/audit/accounts/ada/replay', { accept: 'application/x-ndjson' }],
    ] as const) {
      const answers = await beginAll(most + 1, path, headers)
      assert.equal(answers.filter(({ statusCode }) => statusCode === 200).length, most, path)
      await allGone()
    }
  })

  for (const [what, path] of [
    ['a file', '/v1/payments.csv'],
    ['a long list', '/v1/payments'],
  ] as const) {
    test(`a reader that takes nothing of ${what} for a minute loses its place, and does not take it for the whole`, async () => {
      const answer = await begin(path)
      const failed = once(answer, 'end').then(
        () => 'ended',
        (error: Error) => error.message,
      )
      while (made > 0) {
        for (const wake of sleepers) wake()
        sleepers.clear()
        await balance()
      }
      answer.resume()
      assert.equal(await failed, 'aborted')
      open.length = 0
    })
  }

  test('a gateway that closes waits a while for downloads, and then cuts them off', async () => {
    const waits = Promise.withResolvers<() => void>()
    const impatient: Clock = {
      ...systemClock,
      sleep: (durationMs, signal) =>
        durationMs === 4_000
          ? new Promise((resolve) => waits.resolve(() => resolve(true)))
          : clock.sleep(durationMs, signal),
    }
    const closing = await startGateway({ clock: impatient, verifyToken: anyName }, addRoutes)
    const request = get(`${closing.url}/v1/payments.csv`, { headers: ada, agent: false }).on('error', () => undefined)
    const [answer]: IncomingMessage[] = await once(request, 'response')
    const closed = closing.app.close()
    const endWaiting = await waits.promise
    assert.equal(answer?.destroyed, false)
    answer?.resume().on('error', () => undefined)
    const cut = new Promise((resolve) => answer?.once('close', resolve))
    endWaiting()
    await Promise.all([closed, cut])
    await closing.close()
    assert.equal(answer?.complete, false)
  })
})
