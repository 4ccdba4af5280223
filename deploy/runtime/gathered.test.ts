import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from './clock.ts'
import { gathered } from './gathered.ts'

test('who asks in one turn is answered by one question, and who asks later by the next', async () => {
  const questions: (readonly number[])[] = []
  const square = gathered(systemClock, async (items: readonly number[]) => {
    questions.push(items)
    return new Map(items.filter((item) => item > 0).map((item) => [item, item * item]))
  })
  assert.deepEqual(await Promise.all([square(3), square(2), square(3), square(0)]), [9, 4, 9, undefined])
  assert.equal(await square(2), 4)
  assert.deepEqual(questions, [[3, 2, 0], [2]])
})

test('an error is told to all who asked, and to nobody later', async () => {
  let asks = 0
  const ask = gathered(systemClock, async (items: readonly string[]) => {
    asks += 1
    if (asks === 1) throw new Error('out of reach')
    return new Map(items.map((item) => [item, item]))
  })
  const [one, other] = await Promise.allSettled([ask('a'), ask('b')])
  assert.deepEqual([one?.status, other?.status], ['rejected', 'rejected'])
  assert.equal(await ask('a'), 'a')
})
