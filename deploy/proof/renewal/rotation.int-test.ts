import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { rotateAll } from './rotate.ts'

test('certificates, their authority, signing keys and all key rings are renewed under load, and nothing is dropped', {
  timeout: 230_000,
}, async () => {
  const directory = await mkdtemp(join(tmpdir(), 'micropay-rotation-'))
  const said: string[] = []
  const steps = await rotateAll({ directory, copies: 1, together: true, say: (text) => said.push(text) })
  assert.deepEqual(
    steps.flatMap(({ failed }) => failed),
    [],
    said.join('\n'),
  )
  assert.equal(steps.length, 3)
  for (const { what, answers } of steps) assert.ok(answers > 50, `${answers} answers while ${what}`)
  await rm(directory, { recursive: true, force: true })
})
