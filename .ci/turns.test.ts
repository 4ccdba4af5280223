import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { test } from 'node:test'
import { isOffTurn, screens } from './turns.ts'

const monday = new Date('2026-03-02T10:00:00Z')
const tuesday = new Date('2026-03-03T10:00:00Z')
const pathOf = (name: string) => `deploy/proof/e2e/${name}.e2e-test.ts`

test('each screen waits every other day, about half of them at a time, and every other test runs each day', () => {
  const waiting = screens.filter((name) => isOffTurn(pathOf(name), monday))
  assert.deepEqual(
    screens.filter((name) => !isOffTurn(pathOf(name), tuesday)),
    waiting,
  )
  assert.ok(Math.abs(2 * waiting.length - screens.length) <= 1)
  for (const day of [monday, tuesday]) assert.ok(!isOffTurn(pathOf('refund'), day))
})

test('what takes turns is there', () => {
  for (const name of screens) assert.ok(existsSync(new URL(`../${pathOf(name)}`, import.meta.url)), name)
})
