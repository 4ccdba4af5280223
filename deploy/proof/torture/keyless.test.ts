import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CommandType, isOwnStep } from '@micropay/schemas/log/event'
import { keyless } from './check/judge-answers.ts'

// It judges by rules of its own, and would say of a step that it does not know that nobody asked for it.
test('what has no key for the ledger has none for the checker, and nothing else', () => {
  const own = CommandType.options.filter(isOwnStep)
  assert.ok(own.length > 0)
  assert.deepEqual([...keyless].sort(), own.toSorted())
})
