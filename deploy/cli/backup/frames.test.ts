import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Framed, FrameError, frame, readFrames } from './frames.ts'

async function* cut(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function readAll(bytes: Uint8Array, size = 7): Promise<readonly Framed[]> {
  const read: Framed[] = []
  for await (const frames of readFrames(cut(bytes, size))) read.push(...frames)
  return read
}

const framed = fc.record({
  partition: fc.integer({ min: 0, max: 1023 }),
  record: fc.record({ key: fc.string({ unit: 'grapheme', maxLength: 40 }), value: fc.uint8Array({ maxLength: 200 }) }),
})

test('records come back byte for byte, however the file is cut into chunks', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(framed, { maxLength: 20 }), fc.integer({ min: 1, max: 300 }), async (written, size) => {
      const read = await readAll(Buffer.concat(written.map(frame)), size)
      const plain = ({ partition, record: { key, value } }: Framed) => [
        partition,
        key,
        Buffer.from(value).toString('hex'),
      ]
      assert.deepEqual(read.map(plain), written.map(plain))
    }),
    { numRuns: 100 },
  )
})

const bytes = frame({ partition: 3, record: { key: 'ada', value: new TextEncoder().encode('{"a":1}') } })

test('a file that ends within a record is told', async () => {
  await assert.rejects(readAll(bytes.subarray(0, -1)), FrameError)
  await assert.rejects(readAll(bytes.subarray(0, 5)), FrameError)
  assert.deepEqual(await readAll(bytes.subarray(0, 0)), [])
})

test('a length that no record has is not waited for', async () => {
  const changed = Buffer.from(bytes)
  changed.writeUInt32BE(0xff_ff_ff_ff, 8)
  await assert.rejects(readAll(changed), /a length that none has/)
})
