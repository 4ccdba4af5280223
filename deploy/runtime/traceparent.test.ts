import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from './clock.ts'
import { traceIdOf, traceparentOf } from './traceparent.ts'

const given = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'

test('a well-formed traceparent is passed on as it came', () => {
  assert.equal(traceparentOf(given, systemClock.randomId), given)
  assert.equal(traceIdOf(given), '4bf92f3577b34da6a3ce929d0e0e4736')
  assert.equal(traceparentOf(`cc${given.slice(2)}-later`, systemClock.randomId), `cc${given.slice(2)}-later`)
})

for (const [title, header] of [
  ['a missing', undefined],
  ['an upper-case', given.toUpperCase()],
  ['an all-zero trace id in a', `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`],
  ['an all-zero parent id in a', `00-4bf92f3577b34da6a3ce929d0e0e4736-${'0'.repeat(16)}-01`],
  ['a version ff', `ff${given.slice(2)}`],
  ['a too long version 00', `${given}-more`],
  ['a repeated', [given, given]],
] as const) {
  test(`${title} traceparent is replaced by a new one`, () => {
    const made = traceparentOf(header, systemClock.randomId)
    assert.match(made, /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/)
    assert.notEqual(made, given)
  })
}
