import assert from 'node:assert/strict'
import { test } from 'node:test'
import { freshnessOf } from './freshness.ts'

const ageOf = (headers: Record<string, string>) => freshnessOf(new Headers(headers), 0).ageSeconds

test('how far behind an answer is comes to a tenth from Behind, else in whole seconds from Age', () => {
  assert.equal(ageOf({ age: '1', behind: '0.2' }), 0.2)
  assert.equal(ageOf({ age: '3' }), 3)
  assert.equal(ageOf({}), null)
  assert.equal(ageOf({ behind: 'soon' }), null)
})
