import assert from 'node:assert/strict'
import { PassThrough, type Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { test } from 'node:test'
import { systemClock } from '@micropay/runtime/clock'
import { limitBody } from './limit-body.ts'

const KIB = 1024

/** A body, and the look at its pace every 5 s, which is taken when the test says so. */
function limited(limitBytes = 1024 * KIB) {
  let look = () => {}
  let looks = 0
  const every = (_durationMs: number, work: () => void) => {
    looks += 1
    look = work
    const cancel = () => {
      looks -= 1
    }
    return { cancel }
  }
  const sent = new PassThrough()
  const counted: number[] = []
  const limits = { limitBytes, tooLarge: 'send less', onBytes: (bytes: number) => void counted.push(bytes) }
  const body: Readable = limitBody(sent, { clock: { ...systemClock, every }, ...limits })
  return { sent, body, counted, look: () => look(), looks: () => looks }
}
const turn = () => systemClock.turn()

test('a body passes as it is, and its bytes are counted', async () => {
  const { sent, body, counted, looks } = limited()
  const whole = buffer(body)
  sent.write('abc')
  sent.end('de')
  assert.equal(String(await whole), 'abcde')
  assert.deepEqual(counted, [3, 5])
  assert.equal(looks(), 0, 'nobody looks at its pace any more')
})

test('a byte too many ends it', async () => {
  const { sent, body } = limited(2)
  sent.end('abc')
  await assert.rejects(buffer(body), { code: 'body_too_large' })
})

test('a sender of less than 16 KiB a second loses its place, one of as much does not', async () => {
  const { sent, body, look, looks } = limited()
  const whole = buffer(body)
  whole.catch(() => undefined)
  sent.write(Buffer.alloc(80 * KIB))
  await turn()
  look()
  sent.write(Buffer.alloc(80 * KIB - 1))
  await turn()
  look()
  await assert.rejects(whole, { code: 'request_timeout' })
  assert.equal(looks(), 0)
})

test('a body that its reader has stopped taking is not its sender’s to send', async () => {
  const { sent, body, look } = limited()
  sent.write(Buffer.alloc(512 * KIB))
  await turn()
  look()
  look()
  sent.end()
  assert.equal((await buffer(body)).length, 512 * KIB)
})
