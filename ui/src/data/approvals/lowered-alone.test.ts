import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isLoweredAlone } from './lowered-alone.ts'

test('one person can lower what needs two, until changing the rules needs two as well', () => {
  const reopening = { command: 'ReopenPeriod', people: 2 } as const
  assert.equal(isLoweredAlone([reopening, { command: 'SetPolicy', people: 1 }]), true)
  assert.equal(isLoweredAlone([reopening, { command: 'SetPolicy', people: 2 }]), false)
  assert.equal(
    isLoweredAlone([
      { ...reopening, people: 1 },
      { command: 'SetPolicy', people: 1 },
    ]),
    false,
  )
})
