import assert from 'node:assert/strict'
import { test } from 'node:test'
import { typeOf } from './broker-error.ts'
import { writtenAnswer } from './fetch-answer.fixture.ts'
import { readFetchAnswer } from './fetch-answer.ts'

test('reads what a broker answers of each partition', () => {
  const { throttleMs, partitions } = readFetchAnswer(
    writtenAnswer(
      { partition: 3, end: 45n, records: 'the records' },
      { partition: 0, end: 42n, aborted: 0 },
      { partition: 1, end: 43n, errorCode: 6 },
      { partition: 1023, end: 1065n, aborted: 2, records: 'others' },
    ),
  )
  assert.equal(throttleMs, 250)
  assert.deepEqual(
    [...partitions].map(([partition, { error, highWatermark, recordSet }]) => [
      partition,
      typeOf(error),
      highWatermark,
      recordSet.toString(),
    ]),
    [
      [3, undefined, 45n, 'the records'],
      [0, undefined, 42n, ''],
      [1, 'NOT_LEADER_FOR_PARTITION', 43n, ''],
      [1023, undefined, 1065n, 'others'],
    ],
  )
})

test('a broker that throttles says nothing of any partition', () => {
  const throttled = readFetchAnswer(Buffer.from([0, 0, 0, 250, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]))
  assert.deepEqual([throttled.throttleMs, throttled.partitions.size], [250, 0])
})

test('an error of the whole answer is thrown as kafkajs knows it', () => {
  const refused = Buffer.from([0, 0, 0, 0, 0, 70, 0, 0, 0, 0, 0, 0, 0, 0])
  assert.throws(() => readFetchAnswer(refused), { type: 'FETCH_SESSION_ID_NOT_FOUND' })
})
