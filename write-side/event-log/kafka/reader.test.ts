import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '@micropay/runtime/clock'
import { createLogger } from '@micropay/runtime/logger'
import { LogError } from '../event-log.ts'
import { createOutage } from '../outage.ts'
import type { Fetched } from './fetch.ts'
import { type KafkaSource, readKafka } from './reader.ts'

const recordsAt = (from: number, count: number) =>
  Array.from({ length: count }, (_, index) => ({ offset: BigInt(from + index), key: '', value: new Uint8Array() }))

/** A broker that gives these answers, one after the other, and whose log ends there. */
function sourceOf(
  answers: readonly Fetched[],
  end: bigint,
): KafkaSource & { readonly slept: number[]; readonly left: Fetched[] } {
  const log = createLogger('test', 'silent')
  const slept: number[] = []
  const left = [...answers]
  const clock = {
    ...systemClock,
    sleep: async (durationMs: number) => {
      slept.push(durationMs)
      return true
    },
  }
  return {
    slept,
    left,
    clock,
    end: async () => end,
    open: () => ({
      fetch: async () => {
        const next = left.shift()
        assert.ok(next, 'one fetch too many')
        return next
      },
      leave: () => {},
    }),
    outage: createOutage({ technology: 'Kafka', unavailableAfterMs: 1_000, clock, log }),
  }
}

async function offsetsOf(source: KafkaSource, from: bigint, until: bigint): Promise<number[]> {
  const offsets: number[] = []
  const options = { signal: new AbortController().signal, until }
  for await (const batch of readKafka(source, 0, from, options))
    offsets.push(...batch.map(({ offset }) => Number(offset)))
  return offsets
}

test('an answer that does not know the end, or an older one, is no end of the log', async () => {
  const source = sourceOf(
    [
      { records: [], end: 5n },
      { records: recordsAt(5, 1), end: 6n },
      { records: recordsAt(6, 2), end: 8n },
    ],
    8n,
  )
  assert.deepEqual(await offsetsOf(source, 5n, 8n), [5, 6, 7])
})

test('a log that ends before what is wanted is truncated', async () => {
  const source = sourceOf([{ records: recordsAt(5, 1), end: 6n }], 6n)
  await assert.rejects(
    offsetsOf(source, 5n, 8n),
    (error) => error instanceof LogError && error.code === 'log_truncated' && /offset 6, before 8/.test(error.message),
  )
})

test('a reader that has what it wants ends at once, and fetches nothing ahead', async () => {
  for (const [until, end] of [
    [9n, 11n],
    [10n, 11n],
    [10n, 10n],
  ] as const) {
    const another = { records: recordsAt(10, 1), end: 11n }
    const source = sourceOf([{ records: recordsAt(0, 10), end }, another], end)
    assert.equal((await offsetsOf(source, 0n, until)).length, Number(until))
    assert.deepEqual([source.slept, source.left], [[], [another]])
  }
})
