import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openMemoryLog } from '@micropay/event-log/memory/event-log'
import { openMemoryInbox } from '@micropay/event-log/memory/inbox'
import { openMemoryParkingLot } from '@micropay/event-log/memory/parked'
import { systemClock } from '@micropay/runtime/clock'
import { createHandClock } from '@micropay/runtime/hand-clock.fixture'
import { createLogger } from '@micropay/runtime/logger'
import { paymentIdAt } from '@micropay/schemas/identifiers'
import { EVENT_GENERATION } from '@micropay/schemas/log/generations'
import type { Given } from '../../decide/stepped.ts'
import type { LedgerState } from '../../state/ledger-state.ts'
import { createMessageCodec } from './message-codec.ts'
import { createSagaEngine } from './saga-engine.ts'

const codec = createMessageCodec('a secret of at least thirty-two characters', 'ledger')

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
  const engine = createSagaEngine({
    ports: { inbox, parking: openMemoryParkingLot(), codec },
    ...{
      partition: 1,
      partitions: 2,
      queue: { addStep: () => {} },
      clock,
      time: clock,
      eventLog: openMemoryLog(),
      log: createLogger('test', 'silent'),
    },
  })
  const over = new AbortController()
  engine.serve(ledger, over.signal, over.signal)
  assert.equal(engine.status().open, 1)
  isHarmed = true
  clock.advance(5_000)
  over.abort()
  await inbox.close()
})

test('what is done everywhere ends for all tenants at once', async () => {
  const [clock, inbox, over] = [createHandClock(), openMemoryInbox(), new AbortController()]
  const payments = Array.from({ length: 6 }, (_, index) => paymentIdAt(1, index + 1))
  const begun = { state: 'completed', participants: [0], deadline: '2026-01-01T00:01:00Z', legs: [] }
  const ledger = {
    fold: { seq: 9 },
    read({ name }: { readonly name: string }, payment: (typeof payments)[number]) {
      const tenant = `tenant-${payments.indexOf(payment) % 3}`
      return name === 'open-sagas'
        ? payments.map((_, index) => index + 1)
        : { ...begun, tenant, at: { seq: 9, hash: '' } }
    },
  } as unknown as LedgerState
  const steps: Given[] = []
  const engine = createSagaEngine({
    ports: { inbox, parking: openMemoryParkingLot(), codec },
    ...{
      partition: 1,
      partitions: 2,
      queue: { addStep: (step) => void steps.push(step) },
      clock,
      time: clock,
      eventLog: openMemoryLog(),
    },
    log: createLogger('test', 'silent'),
  })
  engine.serve(ledger, over.signal, over.signal)
  const at = { seq: 5, hash: 'h'.repeat(43) }
  const said = { kind: 'posted' as const, from: 0, to: 1, at, sides: { debited: [], credited: [] } }
  await inbox.send(payments.map((payment) => ({ partition: 1, value: codec.encode({ ...said, payment }) })))
  while (engine.status().received < payments.length) await systemClock.sleep(5)
  clock.advance(100)
  const ended = steps.flatMap((step) => (step.kind === 'ended' ? [step.payments.length] : []))
  assert.deepEqual(ended, [2, 2, 2])
  over.abort()
  await inbox.close()
})

test('to who has yet to accept what was lost here, of lost history alone is spoken', async () => {
  const [clock, inbox, over] = [createHandClock(), openMemoryInbox(), new AbortController()]
  const at = { seq: 5, hash: 'h'.repeat(43) }
  const fact = { type: 'LedgerZoneSet', version: 1, data: { zone: 'Europe/Berlin' } }
  const state: Record<string, unknown> = {
    'own-history': { resumedAt: at, unanswered: [1] },
    histories: { lost: [{ after: 2, seq: 5 }] },
    'fact-order': ['zone'],
    'ledger-facts': {
      at: { ...at, seq: 6 },
      tenant: 'main',
      actor: { subject: 'operator:olga', client: 'test' },
      fact,
    },
  }
  const ledger = {
    fold: { seq: 6, generation: EVENT_GENERATION },
    read: ({ name }: { readonly name: string }) => state[name],
  } as unknown as LedgerState
  const engine = createSagaEngine({
    ports: { inbox, parking: openMemoryParkingLot(), codec },
    ...{ partition: 0, partitions: 3, queue: { addStep: () => {} }, clock, time: clock },
    ...{ eventLog: openMemoryLog(), log: createLogger('test', 'silent') },
  })
  const heard = [1, 2].map((partition) => inbox.receive(partition, { signal: over.signal }))
  engine.serve(ledger, over.signal, over.signal)
  engine.counted([{ key: undefined, answered: [], stepped: [], puts: [], decidedAt: '', factAt: 0 }])
  const first = await Promise.all(heard.map((each) => each[Symbol.asyncIterator]().next()))
  const kinds = first.map(({ value }) => value?.map(kindOf))
  assert.deepEqual(kinds, [['resumed'], ['fact']])
  over.abort()
  await inbox.close()
})

function kindOf(bytes: Uint8Array): string | undefined {
  const message = codec.decode(bytes)
  return 'fault' in message ? message.fault : message.kind
}
