import assert from 'node:assert/strict'
import { test } from 'node:test'
import { run } from '@micropay/local/run-program.fixture'

/** Others each day, on one log one day and on the other the next; a failing day is run again with its seed. */
const seed = process.env.TORTURE_SEED ?? new Date().toISOString().slice(0, 10)
/** Two days on one partition, and two on several that both workers share. */
const partitions = Math.floor(Date.parse(seed) / 172_800_000) % 2 === 0 ? '8' : '1'

test(`five real faults under load, of the seed ${seed}, lose, double and misread nothing, and heal`, async () => {
  const options = ['--faults', '5', '--seed', seed, '--partitions', partitions]
  const { code, output } = await run('deploy/proof/torture/main.ts', options, {}).ended
  assert.equal(code, 0, output)
  assert.match(output, /Nothing failed\./)
})
