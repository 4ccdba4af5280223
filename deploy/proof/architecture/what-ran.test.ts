import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { repositoryRoot } from '@micropay/local/running'
import { scripts } from './pipeline.ts'

const page = readFileSync(join(repositoryRoot, 'docs/architecture/00-what-ran.md'), 'utf8')
const rows = page
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .slice(2)
  .map((line) => {
    const [part = '', far = '', by = '', where = ''] = line.slice('| '.length, -' |'.length).split(' | ')
    return { part, far, by, where }
  })
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: repositoryRoot,
  encoding: 'utf8',
  maxBuffer: 64 << 20,
}).split('\n')
const known = scripts()

/** What is wrong with a command or a file as it stands there; undefined where it is one. */
function faultOf(named: string): string | undefined {
  const words = named.split(' ').filter((word) => !/^[A-Z_]+=/.test(word))
  if (words[0] === 'npx') {
    const [, , name = '', ...others] = words
    if (known[name] === undefined) return `package.json has no script ${name}`
    const parts = name === 'test' ? others : []
    const missing = parts.filter((part) => !files.some((file) => file.includes(part) && file.endsWith('test.ts')))
    return missing.length > 0 ? `no test matches ${missing.join(', ')}` : undefined
  }
  const path = words.find((word) => word.includes('/') || /^[A-Z]\w+$/.test(word)) ?? named
  return existsSync(join(repositoryRoot, path)) ? undefined : `${path} is not there`
}

const named = (cell: string) => [...cell.matchAll(/`([^`]+)`/g)].map(([, text = '']) => text)
const isCommand = (text: string) => /^(?:[A-Z_]+=\S+ )*(?:npx|node|sh) |\//.test(text)

test('each part is said to have gone one of these ways, and by which command or in which file', () => {
  assert.ok(rows.length > 15)
  for (const { part, far, by } of rows) {
    assert.ok(['ran', 'imitated', 'validated', 'written'].includes(far), `${part}: ${far}`)
    assert.ok(named(by).length > 0, part)
  }
  assert.equal(new Set(rows.map(({ part }) => part)).size, rows.length)
})

test('each command and file that is named is there', () => {
  const told = rows.flatMap(({ part, by, where }) =>
    [...named(by), ...named(where).filter(isCommand)].map((text) => [part, text, faultOf(text)]),
  )
  assert.deepEqual(
    told.filter(([, , fault]) => fault !== undefined),
    [],
  )
})

test('a command, a test and a file that are not there are told', () => {
  assert.match(faultOf('npx pnpm@12 check:nothing') ?? '', /no script check:nothing/)
  assert.match(faultOf('LOG=kafka npx pnpm@12 test no/such/test') ?? '', /no test matches/)
  assert.match(faultOf('sh deploy/images/none.sh') ?? '', /is not there/)
  assert.equal(faultOf('Jenkinsfile'), undefined)
})
