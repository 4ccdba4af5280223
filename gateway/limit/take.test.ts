import assert from 'node:assert/strict'
import { beforeEach, mock, test } from 'node:test'
import { createTake } from './take.ts'

beforeEach((context) => {
  mock.timers.enable({ apis: ['Date', 'setTimeout'], now: 1_000 })
  if ('after' in context) context.after(() => mock.timers.reset())
})

test('a caller may make as many requests a second as its limit, and not one more', async () => {
  const take = createTake(2)
  assert.deepEqual(await take('ada'), { allowed: true, remaining: 1, resetSeconds: 1 })
  assert.deepEqual(await take('ada'), { allowed: true, remaining: 0, resetSeconds: 1 })
  assert.deepEqual(await take('ada'), { allowed: false, remaining: 0, resetSeconds: 1 })
  mock.timers.tick(999)
  assert.equal((await take('ada')).allowed, false)
  mock.timers.tick(1)
  assert.equal((await take('ada')).allowed, true)
})

test('callers share nothing', async () => {
  const take = createTake(1)
  assert.equal((await take('ada')).allowed, true)
  assert.equal((await take('ben')).allowed, true)
  assert.equal((await take('ada')).allowed, false)
})

test('what costs more than is left is owed: nothing is allowed until as many seconds have passed', async () => {
  const take = createTake(5)
  await take('ada')
  assert.deepEqual(await take('ada', 1_000), { allowed: true, remaining: 0, resetSeconds: 201 })
  mock.timers.tick(200_999)
  assert.deepEqual(await take('ada'), { allowed: false, remaining: 0, resetSeconds: 1 })
  mock.timers.tick(1)
  assert.equal((await take('ada')).allowed, true)
})

test('what is known to cost more only afterwards is owed, too', async () => {
  const take = createTake(5)
  for (let times = 0; times < 5; times += 1) await take('ada')
  await take('ada', 20)
  mock.timers.tick(4_999)
  assert.equal((await take('ada')).allowed, false)
  mock.timers.tick(1)
  assert.equal((await take('ada')).allowed, true)
})
