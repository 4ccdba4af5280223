import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { type TestContext, test } from 'node:test'
import { systemClock } from '@micropay/runtime/clock'
import { LogError } from '../event-log.ts'
import { type BrokerConnection, openBrokerConnection } from './broker-connection.ts'

/** Something that answers each request as it is told to, or not at all; and the connections that are open to it. */
async function serving(context: TestContext, answer: (request: Buffer) => Buffer | undefined) {
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.on('data', (request) => {
      const said = answer(request)
      if (said) socket.write(said)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  context.after(() => server.close())
  const address = server.address()
  assert.ok(address !== null && typeof address === 'object')
  const all = new Set<BrokerConnection>()
  const options = { clock: systemClock, silentMs: 5_000, answerMs: 5_000, all }
  return { all, open: () => openBrokerConnection({ host: '127.0.0.1', port: address.port }, options) }
}

/** To the first question, which versions are spoken of requests 0 to 3. */
function versionsOf(request: Buffer, newest: number, id = request.readInt32BE(8)): Buffer {
  const answer = Buffer.alloc(4 + 4 + 2 + 4 + 4 * 6)
  answer.writeInt32BE(answer.byteLength - 4)
  answer.writeInt32BE(id, 4)
  answer.writeInt32BE(4, 10)
  for (const apiKey of [0, 1, 2, 3]) {
    answer.writeInt16BE(apiKey, 14 + 6 * apiKey)
    answer.writeInt16BE(newest, 18 + 6 * apiKey)
  }
  return answer
}

const metadata = { apiKey: 3, apiVersion: 5, encode: async () => ({ buffer: Buffer.alloc(0) }) }

test('a broker that cannot do what is asked here says so before it is asked', async (context) => {
  const { open, all } = await serving(context, (request) => versionsOf(request, 10))
  await assert.rejects(open(), (error) => error instanceof LogError && error.code === 'log_mismatch')
  assert.equal(all.size, 0)
})

test('an answer to another request ends the connection', async (context) => {
  let asked = 0
  const { open, all } = await serving(context, (request) => {
    asked += 1
    return asked === 1 ? versionsOf(request, 12) : versionsOf(request, 12, 4_711)
  })
  const connection = await open()
  assert.equal(all.size, 1)
  await assert.rejects(connection.ask(metadata), /answered what was not asked/)
  await assert.rejects(connection.ask(metadata), /answered what was not asked/)
  assert.deepEqual([connection.isOver(), all.size], [true, 0])
})

test('what is closed fails at once, also while it is not known yet whether a broker is there', async (context) => {
  const { open, all } = await serving(context, () => undefined)
  const opening = open()
  assert.equal(all.size, 1)
  for (const connection of all) connection.close()
  await assert.rejects(opening, /the connection was closed/)
})
