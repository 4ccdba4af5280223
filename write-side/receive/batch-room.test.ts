import assert from 'node:assert/strict'
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { test } from 'node:test'
import { createMemoryStore, openMemoryLog } from '@micropay/event-log/memory/event-log'
import { createLogger } from '@micropay/runtime/logger'
import type { Caller } from '@micropay/schemas/api/token'
import { OwnerId } from '@micropay/schemas/identifiers'
import { startOwner, stopOwner } from '../handle/owner.fixture.ts'
import { createBatchRoom, MOST_BYTES, MOST_BYTES_OF_CALLER, MOST_OF_CALLER } from './batch-room.ts'
import { BATCH_BODY_LIMIT_BYTES } from './batches.ts'
import { buildCommandApp } from './build-app.ts'

test('what is taken never passes what there is, for one caller and for all, and what is given back is free', () => {
  const room = createBatchRoom()
  const ofAda = room.take('ada', MOST_BYTES_OF_CALLER)
  assert.ok(ofAda)
  assert.equal(room.take('ada', 1), undefined)
  const rest = room.take('ben', MOST_BYTES - MOST_BYTES_OF_CALLER)
  assert.ok(rest)
  assert.equal(room.take('cleo', 1), undefined)
  ofAda()
  ofAda()
  assert.equal(room.take('cleo', MOST_BYTES_OF_CALLER + 1), undefined)
  assert.ok(room.take('cleo', MOST_BYTES_OF_CALLER))
  assert.equal(room.take('ada', 1), undefined)
})

test('one caller has two batches at a time, however small, beside what another worker passes on', () => {
  const room = createBatchRoom()
  const places = Array.from({ length: MOST_OF_CALLER }, () => room.take('ada', 1))
  assert.ok(places.every((place) => place))
  assert.equal(room.take('ada', 1), undefined)
  assert.ok(room.take('ada', 1, true))
  assert.ok(room.take('ben', 1))
  places[0]?.()
  assert.ok(room.take('ada', 1))
  assert.equal(room.take('ada', 1), undefined)
})

test('the more batches there are, the fewer payments of each wait, so that single ones find room', () => {
  const room = createBatchRoom()
  assert.equal(room.window(), 1_000)
  const places = Array.from({ length: 10 }, (_, index) => room.take(`caller-${index}`, 1))
  assert.equal(room.window(), 100)
  for (const giveBack of places) giveBack?.()
  assert.equal(room.window(), 1_000)
})

test('a batch that finds no room is refused before its body is sent, until another has left', async (context) => {
  const { port, stop } = await listening()
  context.after(stop)
  const first = await begun(port, 'ada')
  await begun(port, 'ada')
  const refused = await answerTo(begin(port, 'ada'))
  assert.equal(refused.statusCode, 503)
  assert.equal(refused.headers['retry-after'], '1')
  await begun(port, 'ben')
  assert.equal((await answerTo(begin(port, 'cleo'))).statusCode, 503)
  first.destroy()
  for (let status = 503; status === 503; ) {
    const small = begin(port, 'cleo', 2)
    small.end('{}')
    status = (await answerTo(small)).statusCode ?? 0
  }
})

async function listening() {
  const eventLog = openMemoryLog(createMemoryStore())
  await eventLog.prepare(1)
  const owner = startOwner(eventLog)
  const log = createLogger('test', 'silent')
  const app = await buildCommandApp({ owners: [owner], requestHashKey: 'a key', verifyToken, log })
  const address = await app.listen({ host: '127.0.0.1', port: 0 })
  const stop = async () => {
    app.server.closeAllConnections()
    await app.close()
    await stopOwner(owner)
  }
  return { port: Number(new URL(address).port), stop }
}

/** Sends the headers of a batch, and nothing of its body. */
function begin(port: number, caller: string, bodyBytes = BATCH_BODY_LIMIT_BYTES): ClientRequest {
  const headers = {
    authorization: caller,
    expect: '100-continue',
    'content-type': 'application/json',
    'content-length': bodyBytes,
  }
  const begun = request({ host: '127.0.0.1', port, method: 'POST', path: '/v1/payments/batch', headers, agent: false })
  begun.on('error', () => undefined)
  begun.flushHeaders()
  return begun
}

/** The same, and waits until it was seen. */
async function begun(port: number, caller: string): Promise<ClientRequest> {
  const batch = begin(port, caller)
  await new Promise((resolve) => batch.on('continue', resolve))
  return batch
}

function answerTo(sent: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve) => sent.on('response', (answer) => resolve(answer.resume())))
}

async function verifyToken(subject = ''): Promise<Caller> {
  return {
    subject: OwnerId.parse(`customer:${subject}`),
    client: 'test',
    tenant: 'main',
    scopes: new Set(['payments:make']),
    expiresAt: Number.POSITIVE_INFINITY,
  }
}
