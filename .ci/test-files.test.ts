import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { testFiles } from './test-files.ts'

test('the stages that pipelines call apart hold together what runs in one go, each file once', () => {
  const all = testFiles([])
  assert.ok(all.pure.length > 100 && all.integration.length > 50 && all.endToEnd.length > 10)
  for (const [stage, key] of [
    ['pure', 'pure'],
    ['integration', 'integration'],
    ['e2e', 'endToEnd'],
  ] as const) {
    const alone = testFiles([], (name) => name === stage)
    assert.deepEqual(alone, { pure: [], integration: [], endToEnd: [], [key]: all[key] })
  }
})

test('a stage that there is not is a wrong command, and says which there are', () => {
  const options = { cwd: resolve(import.meta.dirname, '..'), encoding: 'utf8' } as const
  const { status, stderr } = spawnSync(
    process.execPath,
    [join(import.meta.dirname, 'test.ts'), '--only', 'unit'],
    options,
  )
  assert.equal(status, 2)
  assert.match(stderr, /^--only is unit, and must be checks, pure, integration, e2e$/m)
})
