import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createHandClock } from '@micropay/runtime/hand-clock.fixture'
import { createInstanceHealth, type Look } from './instance-health.ts'

const ready: Look = { found: 'ready' }
const silent: Look = { found: 'silent', reason: 'does not answer' }

test('three looks in a row that hear nothing say that it is away, one that reaches nobody says so at once', () => {
  const health = createInstanceHealth(createHandClock())
  for (const look of [silent, silent, ready, silent, silent]) {
    health.looked(look)
    assert.equal(health.standing(), 'well')
  }
  health.looked(silent)
  assert.deepEqual([health.standing(), health.reason()], ['away', 'does not answer'])
  health.looked(ready)
  assert.deepEqual([health.standing(), health.reason()], ['well', undefined])
  health.looked({ found: 'unreachable', reason: 'refused' })
  assert.equal(health.standing(), 'away')
})

test('whoever failed is well after 2 s, and after twice as long each time that it fails again soon', () => {
  const clock = createHandClock()
  const health = createInstanceHealth(clock)
  const failedForMs = () => {
    health.failed()
    let ms = 0
    for (; health.standing() !== 'well'; ms += 1_000) {
      clock.advance(1_000)
      health.looked(ready)
    }
    return ms
  }
  assert.deepEqual(
    Array.from({ length: 6 }, () => failedForMs()),
    [2_000, 4_000, 8_000, 16_000, 30_000, 30_000],
  )
  clock.advance(61_000)
  assert.equal(failedForMs(), 2_000)
})

test('one that is not ready is well as soon as it is ready, and nothing hides that it is away', () => {
  const health = createInstanceHealth(createHandClock())
  health.looked({ found: 'not ready', reason: 'it waits for its database' })
  assert.deepEqual([health.standing(), health.reason()], ['not ready', 'it waits for its database'])
  health.looked({ found: 'unreachable', reason: 'refused' })
  health.failed()
  assert.equal(health.standing(), 'away')
})

test('who comes back has a tenth of the turns at first, and all of them after 10 s', () => {
  const clock = createHandClock()
  const health = createInstanceHealth(clock)
  const turns = () => Array.from({ length: 100 }, () => health.isItsTurn()).filter(Boolean).length
  assert.equal(turns(), 100)
  health.looked({ found: 'unreachable', reason: 'refused' })
  health.looked(ready)
  const first = turns()
  assert.ok(first >= 9 && first <= 10, `${first}`)
  clock.advance(5_000)
  const half = turns()
  assert.ok(half >= 49 && half <= 51, `${half}`)
  clock.advance(5_000)
  assert.equal(turns(), 100)
})
