import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readFetchAnswer, throwFailed } from './fetch-answer.ts'

const topic = 'micropay.ledger'

type Answer = { readonly errorCode: number; readonly aborted: number | undefined; readonly records: string }

/** As a broker writes it, in version 11. */
function answerOf({ errorCode, aborted, records }: Answer): Buffer {
  const int16 = (value: number) => Buffer.from([value >> 8, value & 0xff])
  const int32 = (value: number) => Buffer.from(new Uint8Array(new Int32Array([value]).buffer).reverse())
  const int64 = (value: bigint) => Buffer.from(new Uint8Array(new BigInt64Array([value]).buffer).reverse())
  const aborts = Array.from({ length: aborted ?? 0 }, () => Buffer.concat([int64(7n), int64(1n)]))
  return Buffer.concat([
    ...[int32(250), int16(0), int32(0), int32(1), int16(topic.length), Buffer.from(topic)],
    ...[int32(1), int32(3), int16(errorCode), int64(42n), int64(40n), int64(0n)],
    ...[int32(aborted ?? -1), ...aborts, int32(-1), int32(records.length), Buffer.from(records)],
  ])
}

test('reads what a broker answers of its one partition', () => {
  for (const aborted of [undefined, 0, 2]) {
    const answer = readFetchAnswer(answerOf({ errorCode: 0, aborted, records: 'the records' }))
    assert.equal(answer.recordSet.toString(), 'the records')
    assert.deepEqual([answer.clientSideThrottleTime, answer.highWatermark], [250, 42n])
    assert.equal(throwFailed(answer), answer)
  }
})

test('a broker that throttles says nothing of the end', () => {
  const throttled = readFetchAnswer(Buffer.from([0, 0, 0, 250, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]))
  assert.equal(throwFailed(throttled).highWatermark, undefined)
  assert.deepEqual([throttled.clientSideThrottleTime, throttled.recordSet.byteLength], [250, 0])
})

test('an error of the partition or of the whole answer is thrown as kafkajs knows it', () => {
  for (const [errorCode, type] of [
    [1, 'OFFSET_OUT_OF_RANGE'],
    [6, 'NOT_LEADER_FOR_PARTITION'],
  ] as const) {
    const answer = readFetchAnswer(answerOf({ errorCode, aborted: undefined, records: '' }))
    assert.throws(() => throwFailed(answer), { type })
  }
  const refused = readFetchAnswer(Buffer.from([0, 0, 0, 0, 0, 70, 0, 0, 0, 0, 0, 0, 0, 0]))
  assert.throws(() => throwFailed(refused), { type: 'FETCH_SESSION_ID_NOT_FOUND' })
})
