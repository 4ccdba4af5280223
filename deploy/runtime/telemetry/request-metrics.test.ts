import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { Readable } from 'node:stream'
import { afterEach, beforeEach, test } from 'node:test'
import Fastify, { type FastifyInstance } from 'fastify'
import { measureRequests } from './request-metrics.ts'
import type { Metrics } from './told.ts'

type Took = { readonly seconds: number; readonly labels: Readonly<Record<string, string>> }
let took: Took[]
let app: FastifyInstance
let url: string

beforeEach(async () => {
  took = []
  const timed = () => (seconds: number, labels: Took['labels']) => void took.push({ seconds, labels })
  app = Fastify()
  measureRequests(app, { timed } as unknown as Metrics)
  app.addHook('onRequest', async (request, reply) => {
    if (request.headers.authorization === 'none') return reply.code(401).send()
  })
  app.get('/v1/accounts/:id', async () => ({}))
  app.get('/never', () => new Promise(() => undefined))
  app.get('/events', (_request, reply) => {
    const events = new Readable({ read: () => undefined })
    events.push('data: 1\n\n')
    return reply.type('text/event-stream').send(events)
  })
  url = await app.listen({ port: 0, host: '127.0.0.1' })
})
afterEach(() => app.close())

const until = async (count: number) => {
  while (took.length < count) await new Promise(setImmediate)
  return took.map(({ labels }) => Object.values(labels).join(' '))
}

test('a request counts by its route and never by its path, a refused one, too', async () => {
  await fetch(`${url}/v1/accounts/ada?token=secret`)
  await fetch(`${url}/v1/accounts/ben`, { headers: { authorization: 'none' } })
  await fetch(`${url}/wp-admin.php`, { method: 'POST' })
  assert.deepEqual(await until(3), ['GET /v1/accounts/:id 200', 'GET /v1/accounts/:id 401', 'POST none 404'])
})

test('a request that nobody waited for to the end is told with 499', async () => {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  await once(socket, 'connect')
  socket.write('GET /never HTTP/1.1\r\nhost: here\r\n\r\n')
  while ((await connections()) === 0) await new Promise(setImmediate)
  socket.destroy()
  assert.deepEqual(await until(1), ['GET /never 499'])
})

const connections = () => new Promise<number>((resolve) => app.server.getConnections((_, count) => resolve(count)))

test('of an event stream it is the time until it began, and its end is none of its caller', async () => {
  const gone = new AbortController()
  const sinceMs = performance.now()
  const answer = await fetch(`${url}/events`, { signal: gone.signal })
  await answer.body?.getReader().read()
  const openMs = performance.now()
  while (performance.now() - openMs < 60) await new Promise(setImmediate)
  assert.equal(took.length, 0)
  gone.abort()
  assert.deepEqual(await until(1), ['GET /events 200'])
  assert.ok((took[0]?.seconds ?? 1) <= (openMs - sinceMs) / 1_000)
})
