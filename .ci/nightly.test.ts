import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'node:test'

const repository = resolve(import.meta.dirname, '..')

function nightly(args: readonly string[], env: NodeJS.ProcessEnv = process.env) {
  return spawnSync(process.execPath, [join(import.meta.dirname, 'nightly.ts'), ...args], { encoding: 'utf8', env })
}

test('each part that is run by night is there', () => {
  const programs = [...nightly(['--help']).stdout.matchAll(/ (\S+\.ts)\b/g)].map(([, path = '']) => path)
  assert.equal(programs.length, 20)
  for (const path of programs) assert.ok(existsSync(join(repository, path)), path)
})

test('a part whose tool is missing fails the night and is named; a name that no part has is a wrong command', () => {
  const without = nightly(['--only', 'containers, three'], { ...process.env, PATH: '/nowhere' })
  assert.equal(without.status, 1)
  assert.equal(
    without.stdout.trim().split('\n').at(-1),
    'containers, three brokers: not run: docker info does not answer',
  )
  assert.equal(nightly(['--only', 'nothing of that name']).status, 2)
})
