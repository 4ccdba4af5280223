import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LogError } from '@micropay/event-log/event-log'
import { createLedger } from '@micropay/event-log/ledger.fixture'
import { foldAll } from '@micropay/event-log/log-reading.fixture'
import { systemClock } from '@micropay/runtime/clock'
import { createLogger } from '@micropay/runtime/logger'
import { ReplayLine } from '@micropay/schemas/api/replay'
import { failedLine } from './failed-line.ts'
import { beforeAll, replayCommit } from './replay.ts'
import type { Replayed } from './replay-account.ts'
import { replayLines } from './replay-lines.ts'

async function* stepsAndThen(error: Error): AsyncGenerator<Replayed> {
  const ledger = createLedger()
  const records = [ledger.genesis(), ledger.claim(), ledger.open('ada')]
  const { folded } = foldAll(records.map((record, offset) => ({ ...record, offset: BigInt(offset) })))
  let state = beforeAll
  for (const one of folded) {
    if (one.kind !== 'counted') continue
    const replayed = replayCommit(state, 'ada', 0, one.commit, one.state.hash)
    state = replayed.state
    yield replayed
  }
  throw error
}

async function linesOf(error: Error): Promise<ReplayLine[]> {
  const told: unknown[] = []
  const logger = createLogger('test', 'silent')
  const replay = { start: beforeAll, first: undefined, from: 1, rest: stepsAndThen(error) }
  let text = ''
  const onError = (cause: unknown) => {
    told.push(cause)
    return failedLine(cause, logger, 'a replay')
  }
  for await (const chunk of replayLines(replay, systemClock, () => undefined, onError)) text += chunk
  assert.deepEqual(told, [error])
  return text
    .trimEnd()
    .split('\n')
    .map((line) => ReplayLine.parse(JSON.parse(line)))
}

test('a replay that loses its log keeps the steps before, and says why it ends', async () => {
  const lines = await linesOf(new LogError('log_unavailable', 'Kafka was out of reach for 60 s'))
  assert.equal(lines.length, 2)
  assert.ok(lines[0] && 'event' in lines[0] && lines[0].event === 'AccountOpened')
  assert.deepEqual(lines[1], { failed: { detail: 'Kafka was out of reach for 60 s: try again' } })
})

test('what does not pass by itself is not to be tried again', async () => {
  const lines = await linesOf(new LogError('log_mismatch', 'the topic has another ledger'))
  assert.deepEqual(lines.at(-1), { failed: { detail: 'the topic has another ledger' } })
})

test('an error of ours is not shown to the reader', async () => {
  const lines = await linesOf(new Error('password=secret'))
  assert.deepEqual(lines.at(-1), { failed: { detail: 'this is our fault and was logged: try again' } })
})
