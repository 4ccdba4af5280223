import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import fc from 'fast-check'
import { LogError } from '../event-log.ts'
import { readRecordBatches } from './record-batches.ts'

/** kafkajs's own encoder, which its types leave out. */
const require = createRequire(import.meta.url)
const { RecordBatch } = require('kafkajs/src/protocol/recordBatch/v0')
const Record = require('kafkajs/src/protocol/recordBatch/record/v0')
const Long = require('kafkajs/src/utils/long')

type Written = {
  readonly key: string | null
  readonly value: Uint8Array | null
  readonly headers: Record<string, string>
}

const NO_COMPRESSION = 0
const GZIP = 1
const ZSTD = 4
const ATTRIBUTES_AT = 21
const CONTROL_FLAG = 0x20

async function batchOf(first: bigint, records: readonly Written[], compression = NO_COMPRESSION): Promise<Buffer> {
  const encoded = records.map(({ key, value, headers }, offsetDelta) =>
    Record({ offsetDelta, timestampDelta: 1_000 * offsetDelta, key, value: value && Buffer.from(value), headers }),
  )
  const firstOffset = Long.fromValue(String(first))
  const batch = await RecordBatch({ compression, firstOffset, lastOffsetDelta: records.length - 1, records: encoded })
  return batch.buffer
}

function written(text: string): Written {
  return { key: text, value: Buffer.from(text), headers: {} }
}

const records = fc.array(
  fc.record({
    key: fc.option(fc.string({ unit: 'grapheme', maxLength: 200 })),
    value: fc.option(fc.uint8Array({ maxLength: 300 })),
    headers: fc.dictionary(fc.oneof(fc.string({ minLength: 1 }), fc.constant('traceparent')), fc.string(), {
      maxKeys: 3,
    }),
  }),
  { minLength: 1, maxLength: 300 },
)

test('reads the batches that kafkajs writes, from any offset on', async () => {
  const batches = fc.array(fc.tuple(records, fc.constantFrom(NO_COMPRESSION, GZIP)), { maxLength: 4 })
  const starts = fc.constantFrom(0n, 1n, 127n, 2n ** 31n, 2n ** 40n)
  await fc.assert(
    fc.asyncProperty(batches, starts, fc.nat(), async (made, start, skipped) => {
      const buffers: Buffer[] = []
      const all: { offset: bigint; key: string; value: Uint8Array; traceparent: string | undefined }[] = []
      for (const [some, compression] of made) {
        const first = start + BigInt(all.length)
        buffers.push(await batchOf(first, some, compression))
        for (const { key, value, headers } of some) {
          const offset = start + BigInt(all.length)
          const { traceparent } = headers
          all.push({ offset, key: key ?? '', value: value ?? new Uint8Array(), traceparent })
        }
      }
      const from = start + BigInt(all.length === 0 ? 0 : skipped % all.length)
      const read = readRecordBatches(Buffer.concat(buffers), from)
      assert.equal(read.controlAt, undefined)
      const found = read.records.map(({ offset, key, value, traceparent }) => {
        return { offset, key, value: new Uint8Array(value), traceparent }
      })
      assert.deepEqual(
        found,
        all.filter(({ offset }) => offset >= from).map((one) => ({ ...one, value: new Uint8Array(one.value) })),
      )
    }),
    { numRuns: 100 },
  )
})

test('leaves out a batch that was cut off, wherever it was', async () => {
  const [first, second] = [await batchOf(0n, [written('a'), written('b')]), await batchOf(2n, [written('c')])]
  const both = Buffer.concat([first, second])
  for (let length = 0; length <= both.byteLength; length += 1) {
    const { records } = readRecordBatches(both.subarray(0, length), 0n)
    const whole = length === both.byteLength ? 'abc' : length >= first.byteLength ? 'ab' : ''
    assert.equal(records.map(({ key }) => key).join(''), whole)
  }
})

test('stops at the mark of a Kafka transaction', async () => {
  const mark = await batchOf(1n, [written('mark')])
  mark.writeInt16BE(CONTROL_FLAG, ATTRIBUTES_AT)
  const around = Buffer.concat([await batchOf(0n, [written('a')]), mark, await batchOf(2n, [written('c')])])
  const { records, controlAt } = readRecordBatches(around, 0n)
  assert.deepEqual([records.map(({ key }) => key), controlAt], [['a'], 1n])
})

test('what it cannot read is an error that says why', async () => {
  const zstd = await batchOf(7n, [written('a')])
  zstd.writeInt16BE(ZSTD, ATTRIBUTES_AT)
  const old = await batchOf(7n, [written('a')])
  old.writeInt8(1, 16)
  // Of the first record: its length, attributes, two deltas, the key's length, the key, the value's length; all varints
  // of a byte.
  const damaged = async (at: number, byte: number, compression = NO_COMPRESSION) => {
    const batch = await batchOf(7n, [written('a'), written('b')], compression)
    batch.writeUInt8(byte, at)
    return batch
  }
  for (const [bytes, reason] of [
    [zstd, /offset 7 .*compression\.type/],
    [old, /offset 7 .*format 1/],
    [await damaged(61, 0x7e), /offset 7 is broken/],
    [await damaged(65, 0x7e), /offset 7 is broken/],
    [await damaged(67, 0x7e), /offset 7 is broken/],
    [await damaged(62, 0x55, GZIP), /offset 7 is broken/],
    [await damaged(11, 3), /offset 7 is broken/],
  ] as const) {
    assert.throws(
      () => readRecordBatches(bytes, 7n),
      (error: unknown) => error instanceof LogError && error.code === 'log_mismatch' && reason.test(error.message),
    )
  }
})
