import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

/** Fails with what the model says where it found a rule broken, or a mutation not caught. */
export function runModel(program: string, ...args: string[]): void {
  const path = join(import.meta.dirname, program)
  const { status, stdout, stderr, error } = spawnSync('python3', [path, ...args], { encoding: 'utf8' })
  assert.equal(status, 0, `python3 ${program} ${args.join(' ')} says: ${error?.message ?? ''}\n${stdout}${stderr}`)
}
