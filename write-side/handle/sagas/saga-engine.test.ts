import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openMemoryInbox } from '@micropay/event-log/memory/inbox'
import { openMemoryParkingLot } from '@micropay/event-log/memory/parked'
import { createHandClock } from '@micropay/runtime/hand-clock.fixture'
import { createLogger } from '@micropay/runtime/logger'
import type { LedgerState } from '../../state/ledger-state.ts'
import { createMessageCodec } from './message-codec.ts'
import { createSagaEngine } from './saga-engine.ts'

test('a state that cannot be read ends no process: its owner finds that by itself', async () => {
  const clock = createHandClock()
  let isHarmed = false
  const saga = { state: 'preparing', participants: [], deadline: '2026-01-01T00:01:00Z', legs: [] }
  const ledger = {
    fold: { seq: 1 },
    read({ name }: { readonly name: string }) {
      if (isHarmed) throw new Error('the disk does not answer')
      return name === 'open-sagas' ? [1] : name === 'sagas' ? saga : undefined
    },
  } as unknown as LedgerState
  const inbox = openMemoryInbox()
  const codec = createMessageCodec('a secret of at least thirty-two characters', 'ledger')
  const engine = createSagaEngine({
    ports: { inbox, parking: openMemoryParkingLot(), codec },
    ...{ partition: 1, partitions: 2, queue: { addStep: () => {} }, clock, log: createLogger('test', 'silent') },
  })
  const over = new AbortController()
  engine.serve(ledger, over.signal, over.signal)
  assert.equal(engine.status().open, 1)
  isHarmed = true
  clock.advance(5_000)
  over.abort()
  await inbox.close()
})
