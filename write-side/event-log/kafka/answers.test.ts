import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readAnswers } from './answers.ts'

const sized = (payload: Uint8Array) => {
  const size = Buffer.alloc(4)
  size.writeInt32BE(payload.byteLength)
  return Buffer.concat([size, payload])
}

/** Writes the bytes to where they are wanted, as a socket does: as many as the next step says, if there is room. */
function arrive(bytes: Buffer, steps: readonly number[]) {
  const whole: Buffer[] = []
  const answers = readAnswers((answer) => whole.push(answer))
  for (let at = 0, step = 0; at < bytes.byteLength; step += 1) {
    const space = answers.space()
    const count = bytes.copy(space, 0, at, at + Math.min(space.byteLength, steps[step % steps.length] ?? 1))
    at += count
    const broken = answers.received(count)
    if (broken) return { whole, broken }
  }
  return { whole, broken: undefined }
}

test('answers are handed over whole and in order, however they arrive', () => {
  const payloads = fc.array(fc.uint8Array({ minLength: 4, maxLength: 3_000 }), { maxLength: 12 })
  const steps = fc.array(fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 5_000 })), { minLength: 1 })
  fc.assert(
    fc.property(payloads, steps, (given, widths) => {
      const sent = given.map(sized)
      assert.deepEqual(arrive(Buffer.concat(sent), widths).whole, sent)
    }),
  )
})

test('an answer larger than what arrives at once is whole too, and what stands behind it', () => {
  const sent = [new Uint8Array(10).fill(1), new Uint8Array(300_000).fill(2), new Uint8Array(20).fill(3)].map(sized)
  assert.deepEqual(arrive(Buffer.concat(sent), [1_000_000]).whole, sent)
})

test('an answer of which a byte is missing is not handed over', () => {
  const [first, second] = [sized(new Uint8Array(70_000)), sized(new Uint8Array(70_000))]
  assert.deepEqual(arrive(Buffer.concat([first, second]).subarray(0, -1), [65_536]).whole, [first])
})

test('what no broker answers is an error: too few bytes to name a request, or more than it may', () => {
  const answer = sized(new Uint8Array(4))
  for (const size of [3, 0, -1, 128 * 1024 * 1024 + 1, Buffer.from('HTTP').readInt32BE()]) {
    const wrong = Buffer.alloc(8)
    wrong.writeInt32BE(size)
    const { whole, broken } = arrive(Buffer.concat([answer, wrong]), [100])
    assert.deepEqual(whole, [answer])
    assert.match(String(broken), new RegExp(`does not answer with ${size} bytes`))
  }
})
