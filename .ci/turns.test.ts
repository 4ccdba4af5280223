import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { test } from 'node:test'
import { isOffTurn, screens } from './turns.ts'

const days = ['02', '03', '04', '05'].map((day) => new Date(`2026-03-${day}T10:00:00Z`))
const pathOf = (name: string) => `deploy/proof/e2e/${name}.e2e-test.ts`

test('each screen runs on one of four days, a quarter of them at a time, and every other test each day', () => {
  const dueOn = days.map((day) => screens.filter((name) => !isOffTurn(pathOf(name), day)))
  assert.deepEqual(dueOn.flat().sort(), [...screens].sort())
  for (const due of dueOn) assert.ok(Math.abs(4 * due.length - screens.length) <= 4)
  for (const day of days) assert.ok(!isOffTurn(pathOf('refund'), day))
})

test('what takes turns is there', () => {
  for (const name of screens) assert.ok(existsSync(new URL(`../${pathOf(name)}`, import.meta.url)), name)
})
