import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { planOf } from './plan.ts'
import { runPlan } from './run-plan.ts'
import { runSeeds } from './run-seeds.ts'
import { only } from './shorten.ts'
import { worldNames, worlds } from './worlds.ts'

/** Of each world. */
const SEEDS = { one: 250, across: 80 } as const

for (const world of worldNames) {
  const count = SEEDS[world]
  test(`${count} seeds of faults of every kind break no rule: ${world}`, async () => {
    const { seeds, untried, failed } = await runSeeds(world, 1, count)
    assert.deepEqual(
      failed.map(
        ({ seed, violation }) =>
          `npx pnpm@12 simulate --world ${world} --seed ${seed}: ${violation?.rule}: ${violation?.detail}`,
      ),
      [],
    )
    assert.deepEqual(untried, [])
    assert.equal(seeds, count)
  })
}

/** What each has found: docs/reliability.md. */
const brokeOnce = {
  one: [367, 889, 937, 1769, 2530, 3653, 3827, 9221],
  across: [2, 96, 140, 144, 336, 352, 380, 532, 580, 824, 884, 1028, 1229],
}

for (const world of worldNames) {
  test(`seeds that once broke a rule break none: ${world}`, async () => {
    for (const seed of brokeOnce[world])
      assert.deepEqual([seed, (await worlds[world].run(seed)).violation], [seed, undefined])
  })
}

test('the same seed does the same again, event by event, and another one something else', async () => {
  for (const { run } of Object.values(worlds)) {
    const [first, again, other] = [await run(7), await run(7), await run(8)]
    assert.deepEqual(again, first)
    assert.notEqual(other.traceHash, first.traceHash)
  }
})

test('a seed asks for hundreds of things, has many faults, and gets answers', async () => {
  for (const seed of [1, 2, 3]) {
    const plan = planOf(seed)
    assert.ok(plan.commands.length >= 200)
    assert.ok(plan.phases.flatMap(({ faults }) => faults).length >= 10)
    assert.ok((await runPlan(plan)).acknowledged >= 150)
  }
})

test('a plan is made short by leaving things out of it, and what stays is as it was', async () => {
  const plan = planOf(5)
  const least = only(plan, ['c1', 'c2', 'f0.0'])
  assert.deepEqual(
    least.commands.map(({ id }) => id),
    ['c1', 'c2'],
  )
  assert.deepEqual(
    least.phases.map(({ faults }) => faults.map(({ id }) => id)),
    [['f0.0'], [], []],
  )
  assert.equal((await runPlan(least)).violation, undefined)
})

test('a number of seeds that is none, or a world, is a wrong command line, and no run that tried nothing', () => {
  const program = join(import.meta.dirname, 'main.ts')
  for (const args of [['--world', 'none'], ['--seeds', 'many'], ['--seeds', '0'], ['--from=-1'], ['--seed', '1e3']]) {
    const { status, stderr } = spawnSync(process.execPath, [program, ...args], { encoding: 'utf8' })
    assert.deepEqual([args, status], [args, 2])
    assert.match(stderr, /must be/)
  }
})
