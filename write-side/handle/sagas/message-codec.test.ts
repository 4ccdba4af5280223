import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLogger } from '@micropay/runtime/logger'
import { carriedBy, openTracing } from '@micropay/runtime/telemetry/tracing'
import { tracingEnvironment } from '@micropay/runtime/telemetry/tracing-environment'
import { Message } from '@micropay/schemas/log/message'
import { z } from 'zod'
import { createMessageCodec } from './message-codec.ts'

const message = { kind: 'nothing that anybody knows' } as unknown as Message
const notOurs = { fault: 'no worker of this ledger wrote it, or it was changed on its way' }

test('a message by any key of the ring is of this ledger, and the first key writes', () => {
  const [old, fresh] = ['the old secret', 'the new secret']
  let ring = [old]
  const codec = createMessageCodec(() => ring, 'ledger')
  const before = codec.encode(message)
  assert.equal(codec.claimOf(before).fromLedger, true)
  ring = [fresh, old]
  const meanwhile = codec.encode(message)
  assert.deepEqual(
    [before, meanwhile].map((bytes) => codec.claimOf(bytes).fromLedger),
    [true, true],
  )
  assert.equal(createMessageCodec(fresh, 'ledger').claimOf(meanwhile).fromLedger, true)
  ring = [fresh]
  assert.deepEqual(codec.decode(before), notOurs)
  assert.notDeepEqual(codec.decode(meanwhile), notOurs)
})

test('the trace of a message is no part of what it says, and whoever knows no traces passes over it', async () => {
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
  const at = { seq: 7, hash: 'h'.repeat(43) }
  const said = Message.parse({ kind: 'ask-facts', from: 1, to: 0, known: 3, at })
  // As earlier workers read it.
  assert.deepEqual(Message.parse({ ...said, traceparent }), said)
  const codec = createMessageCodec('a secret', 'ledger')
  const bytes = codec.encode(said, traceparent)
  assert.deepEqual(codec.decode(bytes), said)
  assert.deepEqual(codec.encode(said), codec.encode(said, undefined))
  const receiver = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' }
  const tracing = await openTracing(
    z.object(tracingEnvironment).parse(receiver),
    'test',
    createLogger('test', 'silent'),
  )
  assert.equal(carriedBy(codec.decode(bytes)), traceparent)
  assert.equal(carriedBy(codec.decode(codec.encode(said))), undefined)
  await tracing.close()
})
