import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { openMemoryLog } from '@micropay/event-log/memory/event-log'
import { openMemoryInbox } from '@micropay/event-log/memory/inbox'
import { openMemoryParkingLot } from '@micropay/event-log/memory/parked'
import { systemClock } from '@micropay/runtime/clock'
import { createHandClock } from '@micropay/runtime/hand-clock.fixture'
import { createLogger } from '@micropay/runtime/logger'
import { EVENT_GENERATION } from '@micropay/schemas/log/generations'
import type { Resumed } from '@micropay/schemas/log/message'
import type { LedgerState } from '../../state/ledger-state.ts'
import { isStep } from '../command.ts'
import { createCommandQueue } from '../command-queue.ts'
import { unknownOutcome } from '../refusals.ts'
import { createMessageCodec } from './message-codec.ts'
import { createSagaEngine } from './saga-engine.ts'

const codec = createMessageCodec('a secret of at least thirty-two characters', 'ledger')
const ANSWER_WITHIN_MS = 1_000

/** Partition 1, which partition 0 has told that it lost what stood between 5 and 50. */
async function asked(context: TestContext) {
  const [clock, inbox, over, eventLog] = [createHandClock(), openMemoryInbox(), new AbortController(), openMemoryLog()]
  await eventLog.prepare(2)
  let since: number | undefined
  const ledger = {
    fold: { seq: 9, generation: EVENT_GENERATION, offset: 0n },
    read: ({ name }: { readonly name: string }) => (name === 'histories' ? { lost: [], since } : undefined),
  } as unknown as LedgerState
  const queue = createCommandQueue({ queuedCommands: 100, answerWithinMs: ANSWER_WITHIN_MS }, clock)
  const engine = createSagaEngine({
    ports: { inbox, parking: openMemoryParkingLot(), codec },
    ...{ partition: 1, partitions: 2, queue, clock, time: clock, eventLog, log: createLogger('test', 'silent') },
  })
  engine.serve(ledger, over.signal, over.signal)
  context.after(() => {
    over.abort()
    return inbox.close()
  })
  const ask = async (asOf: number) => {
    const resumed: Resumed = {
      ...{ kind: 'resumed', from: 0, to: 1, asOf, at: { seq: 50, hash: 'h'.repeat(43) } },
      ...{ lost: [{ after: 5, seq: 50 }], open: [] },
    }
    const { received } = engine.status()
    await inbox.send([{ partition: 1, value: codec.encode(resumed) }])
    while (engine.status().received === received) await systemClock.sleep(5)
  }
  await ask(50)
  return {
    clock,
    ask,
    /** It has said more, which counts here. */
    hears: (seq: number) => {
      since = seq
    },
    /** What waits is taken, and leads to nothing. */
    async taken() {
      if (queue.size() === 0) return []
      const waiting = await queue.take(10, 0, over.signal)
      return waiting.flatMap(({ request, settle }) => {
        if (!isStep(request)) return []
        settle(unknownOutcome)
        engine.untaken(request.step, { kind: 'nothing' })
        return [request.step.kind]
      })
    },
    async waits() {
      while (queue.size() === 0) await systemClock.sleep(5)
    },
  }
}

test('it is looked for in the own log though the queue lets go of what waits too long', async (context) => {
  const { clock, taken, waits } = await asked(context)
  clock.advance(2 * ANSWER_WITHIN_MS)
  assert.deepEqual(await taken(), ['turn'])
  clock.advance(2 * ANSWER_WITHIN_MS)
  assert.deepEqual(await taken(), ['turn'])
  await waits()
  assert.deepEqual(await taken(), ['accepting'])
})

test('what it asked before it said more is let go, and begun anew as it asks again', async (context) => {
  const { clock, ask, hears, taken, waits } = await asked(context)
  assert.deepEqual([await taken(), await taken()], [['turn'], ['turn']])
  await waits()
  hears(60)
  clock.advance(2 * ANSWER_WITHIN_MS)
  await ask(59)
  assert.deepEqual(await taken(), [], 'one that it sent before is as if it were lost')
  await ask(60)
  assert.deepEqual([await taken(), await taken()], [['turn'], ['turn']])
})
