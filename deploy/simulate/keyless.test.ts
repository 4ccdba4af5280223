import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CommandType, isOwnStep } from '@micropay/schemas/log/event'
import { keyless } from './expected-fold.ts'

// It judges by rules of its own, and would take a commit of a step that it does not know for one that does not count.
test('what has no key for the ledger has none for the oracle, and nothing else', () => {
  const own = CommandType.options.filter(isOwnStep)
  assert.ok(own.length > 0)
  assert.deepEqual([...keyless].sort(), own.toSorted())
})
