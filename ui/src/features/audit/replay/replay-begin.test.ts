import assert from 'node:assert/strict'
import { test } from 'node:test'
import { beginFor } from './replay-begin.ts'

test('a step that is loaded begins nothing anew, and one behind begins there', () => {
  assert.equal(beginFor(100, 100, 100, 119), 100)
  assert.equal(beginFor(119, 100, 100, 119), 100)
  assert.equal(beginFor(120, 100, 100, 119), 120)
})

test('a step before what is loaded comes with the page that ends with it, from the first step at least', () => {
  assert.equal(beginFor(99, 100, 100, 119), 80)
  assert.equal(beginFor(20, 21, 21, 40), 1)
  assert.equal(beginFor(19, 20, 20, 39), 1)
})
