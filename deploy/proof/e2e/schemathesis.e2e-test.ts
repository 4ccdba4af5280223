import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '@micropay/runtime/clock'
import { tried, tryAll } from '../schemathesis/try-all.fixture.ts'

/**
 * Two roles a day in turn, and all of them by night, where deploy/proof/schemathesis/main.ts asks fifty times as much,
 * too. A failure is tried again by `--seed` with the number that is printed.
 */
const CASES = 200
const dayNumber = Math.floor(systemClock.nowMs() / 86_400_000)
const turns = Math.ceil(tried.length / 2)
const due = tried.filter((_, place) => process.env.NIGHTLY === '1' || place % turns === dayNumber % turns)

test('whatever is asked is answered as /openapi.json says, and never by a 5xx', async (context) => {
  context.diagnostic(`seed ${dayNumber}: ${due.map(({ name, role }) => `${name}, ${role}`).join('; ')}`)
  const outcomes = await tryAll(due, { cases: CASES, seed: dayNumber, boundaries: false })
  assert.equal(outcomes.length, due.length)
  for (const { person, passed, output } of outcomes) {
    const generated = Number(/(\d+) generated/.exec(output)?.[1])
    assert.ok(passed, `seed ${dayNumber}, ${person.name}:\n${output}`)
    assert.ok(generated >= CASES, `${generated} requests of ${person.name}:\n${output}`)
  }
})
