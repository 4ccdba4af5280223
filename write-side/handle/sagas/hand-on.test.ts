import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { EventLog } from '@micropay/event-log/event-log'
import { openMemoryLog } from '@micropay/event-log/memory/event-log'
import { openMemoryInbox } from '@micropay/event-log/memory/inbox'
import { openMemoryParkingLot } from '@micropay/event-log/memory/parked'
import { systemClock } from '@micropay/runtime/clock'
import { paymentIdAt } from '@micropay/schemas/identifiers'
import { ledgerId, startOwner, stopOwner } from '../owner.fixture.ts'
import { createMessageCodec } from './message-codec.ts'

const codec = createMessageCodec('a secret of at least thirty-two characters', ledgerId)

test('what was heard, and not handled, as a partition is handed over is heard by whoever has it then', {
  timeout: 20_000,
}, async () => {
  const memory = openMemoryLog()
  await memory.prepare(2)
  let appending = Promise.withResolvers<void>()
  let isAsked = false
  appending.resolve()
  const eventLog: EventLog = {
    ...memory,
    async openAppender(partition) {
      const appender = await memory.openAppender(partition)
      const append: typeof appender.append = async (records) => {
        isAsked = true
        await appending.promise
        return appender.append(records)
      }
      return { append, close: () => appender.close() }
    },
  }
  const inbox = openMemoryInbox()
  const handOver = new AbortController()
  let part: 'own' | 'leave' = 'own'
  const never = new AbortController()
  const owner = startOwner(eventLog, {
    ...{ partition: 1, partitions: 2, sagas: { inbox, parking: openMemoryParkingLot(), codec } },
    share: { part: () => part, changed: () => never.signal, serving: () => handOver.signal, follows: () => {} },
  })
  while (owner.notServingBecause()) await systemClock.sleep(5)

  // One message is on its way into the log; the next one waits behind it.
  appending = Promise.withResolvers<void>()
  isAsked = false
  await inbox.send([cancelling(5)])
  while (!isAsked) await systemClock.sleep(5)
  await inbox.send([cancelling(6)])
  while ((owner.status().sagas?.received ?? 0) < 2) await systemClock.sleep(5)
  const others = inbox.receive(1, { signal: never.signal })[Symbol.asyncIterator]()
  const heard = others.next()
  part = 'leave'
  handOver.abort()
  appending.resolve()
  const { value = [] } = await heard
  assert.deepEqual(value.map(paymentIn), [paymentIdAt(0, 6)])
  never.abort()
  await stopOwner(owner)
  await inbox.close()
})

function cancelling(seq: number) {
  const at = { seq, hash: 'h'.repeat(43) }
  const message = {
    ...{ kind: 'cancel' as const, payment: paymentIdAt(0, seq), from: 0, to: 1, asOf: seq, at, low: 1 },
    ...{ tenant: 'main', actor: { subject: 'customer:ada' as never, client: 'test' } },
  }
  return { partition: 1, value: codec.encode(message) }
}

function paymentIn(bytes: Uint8Array) {
  const message = codec.decode(bytes)
  return 'payment' in message ? message.payment : undefined
}
