import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { test } from 'node:test'
import Fastify, { type FastifyReply } from 'fastify'
import { isOver, whenOver } from './when-over.ts'

const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`

/** Sends these bytes; the answers under way, in order, and how to go away. */
async function ask(bytes: string, count: number) {
  const replies: FastifyReply[] = []
  const begun = Promise.withResolvers<void>()
  const app = Fastify({ forceCloseConnections: true })
  app.get('/never', (_request, reply) => {
    if (replies.push(reply) === count) begun.resolve()
  })
  const { port } = new URL(await app.listen({ port: 0, host: '127.0.0.1' }))
  const socket = connect(Number(port), '127.0.0.1')
  socket.write(bytes)
  await begun.promise
  return { replies, socket, close: () => app.close() }
}

test('who listens after the reader went away is told at once', async () => {
  const { replies, socket, close } = await ask(get('/never'), 1)
  const [reply] = replies
  assert.ok(reply)
  assert.equal(isOver(reply), false)
  const closed = once(reply.raw, 'close')
  socket.destroy()
  await closed
  assert.equal(isOver(reply), true)
  let told = 0
  whenOver(reply, () => {
    told += 1
  })
  assert.equal(told, 1)
  await close()
})

test('an answer that waits behind another one on its connection is over when the connection is, and told once', async () => {
  const { replies, socket, close } = await ask(get('/never') + get('/never'), 2)
  let told = 0
  const over = Promise.all(replies.map((reply) => new Promise<void>((resolve) => whenOver(reply, resolve))))
  for (const reply of replies) {
    whenOver(reply, () => {
      told += 1
    })
  }
  socket.destroy()
  await over
  assert.ok(replies.every(isOver))
  await close()
  assert.equal(told, 2)
})

test('an answer that was sent is over, and its connection keeps no listener of it', async () => {
  const { replies, socket, close } = await ask(get('/never'), 1)
  const [reply] = replies
  assert.ok(reply)
  const { raw } = reply.request
  const before = raw.socket.listenerCount('close')
  const over = new Promise<void>((resolve) => whenOver(reply, resolve))
  await reply.send('done')
  await over
  assert.ok(raw.socket.listenerCount('close') <= before)
  socket.destroy()
  await close()
})
