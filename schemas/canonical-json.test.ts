import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { canonicalJson } from './canonical-json.ts'

test('members stand in the order of their names, by code units, at every depth', () => {
  assert.equal(
    canonicalJson({ b: 1, a: [{ d: null, c: 'x' }], 10: true, 9: '' }),
    '{"10":true,"9":"","a":[{"c":"x","d":null}],"b":1}',
  )
  assert.equal(
    canonicalJson({ '€': 1, '\r': 2, '\ufb33': 3, 1: 4, '😀': 5, '\u0080': 6, ö: 7 }),
    '{"\\r":2,"1":4,"\u0080":6,"ö":7,"€":1,"😀":5,"\ufb33":3}',
  )
  assert.equal(canonicalJson({ a: undefined, b: [undefined] }), '{"b":[null]}')
})

test('it is JSON of the same value, whatever order its members came in', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.integer(), fc.boolean())), (value) => {
      const turned = Object.fromEntries(Object.entries(value).reverse())
      assert.equal(canonicalJson(turned), canonicalJson(value))
      assert.deepEqual({ ...JSON.parse(canonicalJson(value)) }, { ...value })
    }),
  )
})
