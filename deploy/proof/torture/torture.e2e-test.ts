import assert from 'node:assert/strict'
import { test } from 'node:test'
import { run } from '@micropay/local/run-program.fixture'

/** Others each day, on one log one day and on the other the next; a failing day is run again with its seed. */
const seed = process.env.TORTURE_SEED ?? new Date().toISOString().slice(0, 10)

test(`five real faults under load, of the seed ${seed}, lose, double and misread nothing, and heal`, async () => {
  const { code, output } = await run('deploy/proof/torture/main.ts', ['--faults', '5', '--seed', seed], {}).ended
  assert.equal(code, 0, output)
  assert.match(output, /Nothing failed\./)
})
