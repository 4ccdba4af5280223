import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Message } from '@micropay/schemas/log/message'
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
