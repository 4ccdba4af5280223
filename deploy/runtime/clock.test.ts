import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from './clock.ts'
import { createHandClock } from './hand-clock.fixture.ts'

test('each id is 128 bits of its own, however many are asked for', () => {
  const ids = Array.from({ length: 1_000 }, () => systemClock.randomId())
  assert.equal(new Set(ids).size, ids.length)
  for (const id of ids) assert.equal(Buffer.from(id, 'base64url').byteLength, 16)
})

test('work that was cancelled is not done, and a deadline aborts with a TimeoutError', async () => {
  const done: string[] = []
  const deadline = systemClock.deadline(1)
  systemClock.timer(0, () => done.push('cancelled')).cancel()
  systemClock.every(0, () => done.push('cancelled')).cancel()
  await new Promise<void>((resolve) => systemClock.timer(1, resolve))
  if (!deadline.aborted) await new Promise((resolve) => deadline.addEventListener('abort', resolve))
  assert.equal(deadline.reason?.name, 'TimeoutError')
  assert.deepEqual(done, [])
})

test('a clock that is moved by hand does what falls due, in its order, and nothing else', async () => {
  const clock = createHandClock()
  const done: string[] = []
  const slept = clock.sleep(25).then((whole) => done.push(`slept ${whole}`))
  const every = clock.every(10, () => done.push(`every at ${clock.monotonicMs()}`))
  clock.timer(15, () => done.push(`once at ${clock.monotonicMs()}`))
  clock.timer(5, () => done.push('cancelled')).cancel()
  clock.advance(24)
  every.cancel()
  clock.advance(10)
  await slept
  assert.deepEqual(done, ['every at 10', 'once at 15', 'every at 20', 'slept true'])
})
