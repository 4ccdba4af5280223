import assert from 'node:assert/strict'
import { test } from 'node:test'
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

test('what another partition lost is looked for though the queue lets go of what waits too long', async () => {
  const [clock, inbox, over, eventLog] = [createHandClock(), openMemoryInbox(), new AbortController(), openMemoryLog()]
  await eventLog.prepare(2)
  const ledger = {
    ...{ fold: { seq: 9, generation: EVENT_GENERATION, offset: 0n }, read: () => undefined },
  } as unknown as LedgerState
  const queue = createCommandQueue({ queuedCommands: 100, answerWithinMs: ANSWER_WITHIN_MS }, clock)
  const engine = createSagaEngine({
    ports: { inbox, parking: openMemoryParkingLot(), codec },
    ...{ partition: 1, partitions: 2, queue, clock, time: clock, eventLog, log: createLogger('test', 'silent') },
  })
  engine.serve(ledger, over.signal, over.signal)
  const resumed: Resumed = {
    ...{ kind: 'resumed', from: 0, to: 1, asOf: 50, at: { seq: 50, hash: 'h'.repeat(43) } },
    ...{ lost: [{ after: 5, seq: 50 }], open: [] },
  }
  await inbox.send([{ partition: 1, value: codec.encode(resumed) }])
  while (engine.status().received === 0) await systemClock.sleep(5)
  /** What waits is taken, and leads to nothing; answers what it was. */
  const taken = async () => {
    if (queue.size() === 0) return []
    const waiting = await queue.take(10, 0, over.signal)
    return waiting.flatMap(({ request, settle }) => {
      if (!isStep(request)) return []
      settle(unknownOutcome)
      engine.untaken(request.step, { kind: 'nothing' })
      return [request.step.kind]
    })
  }
  clock.advance(2 * ANSWER_WITHIN_MS)
  assert.deepEqual(await taken(), ['turn'])
  clock.advance(2 * ANSWER_WITHIN_MS)
  assert.deepEqual(await taken(), ['turn'])
  while (queue.size() === 0) await systemClock.sleep(5)
  assert.deepEqual(await taken(), ['accepting'])
  over.abort()
  await inbox.close()
})
