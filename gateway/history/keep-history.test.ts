import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createHandClock, type HandClock } from '@micropay/runtime/hand-clock.fixture'
import { keepHistory, type Looks } from './keep-history.ts'
import { sampleOf } from './take-sample.ts'

const nobody = { services: [], workers: [], projections: [] }
const looksOf = (clock: HandClock, health: Awaited<ReturnType<Looks['health']>> = {}): Looks => ({
  sample: async () => sampleOf(nobody, clock.nowMs()),
  health: async () => health,
})
const settled = () => new Promise((resolve) => setImmediate(resolve))

test('an hour is kept, and no look that is older', async () => {
  const clock = createHandClock()
  const history = keepHistory(looksOf(clock), clock, 10_000)
  for (let look = 0; look < 400; look += 1) {
    clock.advance(10_000)
    await settled()
  }
  const { samples, since, everySeconds } = history.kept()
  assert.equal(samples.length, 361)
  assert.equal(Date.parse(samples.at(-1)?.at ?? '') - Date.parse(samples[0]?.at ?? ''), 3_600_000)
  assert.deepEqual([since, everySeconds], ['2026-01-01T00:00:00.000Z', 10])
  history.close()
  clock.advance(10_000)
  await settled()
  assert.equal(history.kept().samples.length, 361)
})

test('looks that came seldom are forgotten after an hour, too', async () => {
  const clock = createHandClock()
  const history = keepHistory(looksOf(clock), clock, undefined)
  for (const minutes of [0, 30, 40]) {
    clock.advance(minutes * 60_000)
    await history.look()
  }
  assert.deepEqual(
    history.kept().samples.map(({ at }) => at.slice(11, 16)),
    ['00:30', '01:10'],
  )
})

test('a change is told once, newest first, 200 at most; a service that is well from the start is none', async () => {
  const clock = createHandClock()
  const health: Record<string, { status: 'ready' | 'not ready'; reason?: string }> = { audit: { status: 'ready' } }
  const history = keepHistory(looksOf(clock, health), clock, undefined)
  const told = async () => {
    await history.look()
    return history.kept().changes.map(({ service, status, reason }) => [service, status, reason])
  }
  assert.deepEqual(await told(), [])
  health.accounts = { status: 'not ready', reason: 'does not answer' }
  assert.deepEqual(await told(), [['accounts', 'not ready', 'does not answer']])
  assert.equal((await told()).length, 1)
  health.accounts = { status: 'ready', reason: 'a certificate ends soon' }
  assert.deepEqual((await told())[0], ['accounts', 'ready', 'a certificate ends soon'])
  health.accounts = { status: 'ready' }
  assert.deepEqual((await told())[0], ['accounts', 'ready', null])
  for (let turn = 0; turn < 300; turn += 1) {
    health.accounts = { status: 'not ready', reason: String(turn) }
    await history.look()
  }
  const { changes } = history.kept()
  assert.deepEqual([changes.length, changes[0]?.reason], [200, '299'])
})

test('while a look is under way there is no second one', async () => {
  const clock = createHandClock()
  let begun = 0
  const answers: (() => void)[] = []
  const sample = () => {
    begun += 1
    return new Promise<ReturnType<typeof sampleOf>>((resolve) => {
      answers.push(() => resolve(sampleOf(nobody, clock.nowMs())))
    })
  }
  const history = keepHistory({ sample, health: async () => ({}) }, clock, 10_000)
  clock.advance(30_000)
  assert.equal(begun, 1)
  answers[0]?.()
  await settled()
  clock.advance(10_000)
  assert.equal(begun, 2)
  history.close()
})
