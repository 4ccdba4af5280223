import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { makePrivate } from './private-files.ts'

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8)

test('what lies there from before is closed to everybody else, and nothing outside of it is touched', (context) => {
  const directory = mkdtempSync(join(tmpdir(), 'private-'))
  context.after(() => rmSync(directory, { recursive: true }))
  const [state, outside] = [join(directory, 'state'), join(directory, 'outside')]
  mkdirSync(join(state, 'partition-0'), { recursive: true })
  for (const [path, mode] of [
    [state, 0o755],
    [join(state, 'partition-0'), 0o775],
  ] as const) {
    chmodSync(path, mode)
  }
  const files = { 'partition-0/data.mdb': 0o644, 'partition-0/read.only': 0o444, 'a program': 0o755 }
  for (const [name, mode] of Object.entries(files)) {
    writeFileSync(join(state, name), '')
    chmodSync(join(state, name), mode)
  }
  writeFileSync(outside, '')
  chmodSync(outside, 0o644)
  symlinkSync(outside, join(state, 'link'))
  symlinkSync('nowhere', join(state, 'broken link'))
  makePrivate(state)
  makePrivate(join(directory, 'is not there'))
  assert.deepEqual(
    [state, ...['partition-0', ...Object.keys(files)].map((name) => join(state, name)), outside].map(modeOf),
    ['700', '700', '600', '400', '700', '644'],
  )
})
