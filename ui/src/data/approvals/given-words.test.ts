import assert from 'node:assert/strict'
import { test } from 'node:test'
import { givenWords } from './given-words.ts'

test('who asked is told first, the second person beside, and nobody where the log says nobody', () => {
  assert.equal(givenWords({ by: 'operator:olga', approvedBy: null }), 'operator:olga')
  assert.equal(
    givenWords({ by: 'operator:olga', approvedBy: 'operator:otto' }),
    'operator:olga, approved by operator:otto',
  )
  assert.equal(givenWords({ by: null, approvedBy: 'operator:otto' }), 'somebody, approved by operator:otto')
})
