import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { test } from 'node:test'
import { systemClock } from '@micropay/runtime/clock'
import Fastify, { type FastifyReply } from 'fastify'
import { createDownloads } from './downloads.ts'

test('a download for a reader who was gone before the request was let in is over when it begins', async () => {
  const downloads = createDownloads(systemClock)
  const letIn = Promise.withResolvers<{ readonly reply: FastifyReply }>()
  const app = Fastify({ forceCloseConnections: true })
  app.get('/', (_request, reply) => letIn.resolve({ reply }))
  const { port } = new URL(await app.listen({ port: 0, host: '127.0.0.1' }))
  const socket = connect(Number(port), '127.0.0.1')
  socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  const { reply } = await letIn.promise
  const closed = once(reply.raw, 'close')
  socket.destroy()
  await closed
  assert.ok(downloads.begin(reply).signal.aborted)
  downloads.breakOff()
  await app.close()
})
