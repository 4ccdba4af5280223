import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { repositoryRoot } from '@micropay/local/running'

const document = readFileSync(join(repositoryRoot, 'docs/security.md'), 'utf8')
/** The numbers of all requirements of ASVS 5.0.0 of level 1 or 2. */
const numbers = readFileSync(join(import.meta.dirname, 'asvs-5.0.0-levels-1-and-2.txt'), 'utf8')
  .trim()
  .split('\n')
const rows = [...document.matchAll(/^\| (\d+\.\d+\.\d+) \| ([^|]+) \| ([^|]+) \|$/gm)].map(
  ([, number = '', , where = '']) => ({ number, where, paths: pathsIn(where) }),
)

/** What is named as a file of the repository: with a folder, or at its root. */
function pathsIn(text: string): string[] {
  const named = [...text.matchAll(/`([^`\s]+)`/g)].map(([, name = '']) => name)
  return named.filter((name) => /^[\w.@-]+(?:\/[\w.@-]+)*\.(?:ts|tsx|md|yaml)$/.test(name))
}

test('each requirement of ASVS 5.0 of level 1 or 2 has one row, in their order', () => {
  assert.equal(numbers.length, 253)
  assert.deepEqual(
    rows.map(({ number }) => number),
    numbers,
  )
})

test('each row says where, or why not, or that it is open', () => {
  const unsaid = rows.filter(({ where, paths }) => {
    const names = paths.length > 0 || /`[^`]+`|the table/.test(where)
    return !names && !/^(?:does not apply|open): \S/.test(where) && !/; open: \S/.test(where)
  })
  assert.deepEqual(unsaid, [])
})

test('each file that is named exists', () => {
  const named = [...new Set(pathsIn(document))]
  assert.ok(named.length > 80)
  assert.deepEqual(
    named.filter((path) => !existsSync(join(repositoryRoot, path))),
    [],
  )
})
