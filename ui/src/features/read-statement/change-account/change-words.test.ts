import assert from 'node:assert/strict'
import { test } from 'node:test'
import { doneWords } from './change-words.ts'

test('a freeze of sending alone is not told as one of the whole account', () => {
  assert.equal(doneWords('freeze', 'all'), 'Account frozen')
  assert.equal(doneWords('freeze', 'outgoing'), 'Sending is frozen')
  assert.equal(doneWords('unfreeze', 'outgoing'), 'Account unfrozen')
})
