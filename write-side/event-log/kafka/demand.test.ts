import assert from 'node:assert/strict'
import { test } from 'node:test'
import protocol from 'kafkajs/src/protocol/error.js'
import { type Demand, settlePoll, takePoll } from './demand.ts'
import type { PartitionAnswer } from './fetch-answer.ts'

const NOW_MS = 1_000

function demandOf(partition: number, from: number, sinceMs = NOW_MS) {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>()
  const ended = promise.then(
    (fetched) => fetched,
    (cause: unknown) => cause,
  )
  const demand: Demand = { partition, from: BigInt(from), maxBytes: 100, sinceMs, resolve, reject, isDropped: false }
  return { demand, ended }
}

const answerOf = (highWatermark: number, error?: Error): PartitionAnswer => ({
  error,
  highWatermark: BigInt(highWatermark),
  recordSet: Buffer.alloc(0),
})

test('a fetch names a partition once: those who want the same share it, another offset waits for the next', () => {
  const [one, same, other, apart] = [demandOf(3, 5), demandOf(3, 5), demandOf(3, 2), demandOf(1, 7)]
  const wanting = new Set([one, same, other, apart].map(({ demand }) => demand))
  const poll = takePoll(wanting)
  assert.deepEqual(
    [...poll.values()].map(({ partition, from, demands }) => [partition, from, demands.length]),
    [
      [3, 5n, 2],
      [1, 7n, 1],
    ],
  )
  assert.deepEqual([...wanting], [other.demand])
})

test('who got nothing stays in the line, and is told so once he has waited for long', async () => {
  const [patient, long, gone] = [demandOf(0, 5), demandOf(1, 5, NOW_MS - 500), demandOf(2, 5)]
  gone.demand.isDropped = true
  const poll = takePoll(new Set([patient, long, gone].map(({ demand }) => demand)))
  const answers = new Map([0, 1, 2].map((partition) => [partition, answerOf(5)]))
  assert.deepEqual(settlePoll(poll, answers, NOW_MS), { left: [patient.demand], isAtEnd: true, isAstray: false })
  assert.deepEqual(await long.ended, { records: [], end: 5n })
})

test('what did not fit into the answer stays in the line however long it has waited', () => {
  const { demand } = demandOf(0, 5, NOW_MS - 5_000)
  const settled = settlePoll(takePoll(new Set([demand])), new Map([[0, answerOf(9)]]), NOW_MS)
  assert.deepEqual(settled, { left: [demand], isAtEnd: false, isAstray: false })
})

test('an end before what was read is told at once', async () => {
  const { demand, ended } = demandOf(0, 5)
  assert.deepEqual(settlePoll(takePoll(new Set([demand])), new Map([[0, answerOf(3)]]), NOW_MS).left, [])
  assert.deepEqual(await ended, { records: [], end: 3n })
})

test('a broker that throttles leaves all in the line', () => {
  const { demand } = demandOf(0, 5)
  assert.deepEqual(settlePoll(takePoll(new Set([demand])), new Map(), NOW_MS).left, [demand])
})

test('what is wrong with one partition is told to its reader alone', async () => {
  for (const [code, isAstray] of [
    [1, false],
    [6, true],
  ] as const) {
    const [wrong, fine] = [demandOf(0, 5), demandOf(1, 5)]
    const error = protocol.createErrorFromCode(code)
    const poll = takePoll(new Set([wrong.demand, fine.demand]))
    const answers = new Map([
      [0, answerOf(-1, error)],
      [1, answerOf(5)],
    ])
    assert.deepEqual(settlePoll(poll, answers, NOW_MS), { left: [fine.demand], isAtEnd: true, isAstray })
    assert.equal(await wrong.ended, error)
  }
})
