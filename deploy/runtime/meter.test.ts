import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createMeter } from './meter.ts'

function metered() {
  let nowMs = 5_000_000
  const meter = createMeter({ monotonicMs: () => nowMs })
  const pass = (ms: number) => {
    nowMs += ms
  }
  return { meter, pass }
}

test('a rate is of the last ten whole seconds, and of fewer just after the start', () => {
  const { meter, pass } = metered()
  meter.add(30)
  assert.equal(meter.perSecond(), 0, 'the second under way does not count yet')
  pass(1000)
  assert.equal(meter.perSecond(), 30)
  pass(2000)
  assert.equal(meter.perSecond(), 10)
  pass(7000)
  assert.equal(meter.perSecond(), 3)
  pass(1000)
  assert.equal(meter.perSecond(), 0)
  assert.equal(meter.total(), 30)
})

test('latencies are those of the last minute, within a bucket of the true quantile', () => {
  const { meter, pass } = metered()
  assert.equal(meter.latencyMs(), undefined)
  for (let ms = 1; ms <= 100; ms += 1) meter.add(1, ms)
  const { p50, p99 } = meter.latencyMs() ?? { p50: 0, p99: 0 }
  assert.ok(p50 >= 50 && p50 <= 55, `p50 is ${p50}`)
  assert.ok(p99 >= 99 && p99 <= 108, `p99 is ${p99}`)
  pass(59_000)
  assert.equal(meter.latencyMs()?.p50, p50)
  pass(1000)
  assert.equal(meter.latencyMs(), undefined)
})

test('a slot is used again after a minute without what it held before', () => {
  const { meter, pass } = metered()
  meter.add(100, 500)
  pass(61_000)
  meter.add(2, 1)
  pass(1000)
  assert.equal(meter.perSecond(), 0.2)
  assert.ok((meter.latencyMs()?.p99 ?? 0) < 1.1)
})
