import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { undeclaredImports } from './tidy-dependencies.ts'
import {
  circles,
  entersByTheWindow,
  forbiddenImports,
  impureImports,
  localInProduction,
  placelessFolder,
} from './tidy-imports.ts'
import { tooLongFiles, tooLongFunctions, tooWide } from './tidy-lengths.ts'
import { lostLinks } from './tidy-links.ts'
import { bannedWord, barrel, deadFiles, machineTrace, undefendedDependency, vagueName } from './tidy-rules.ts'
import type { Source } from './tidy-source.ts'

const repository = resolve(import.meta.dirname, '..')
const sources = readTree()
const defence = sources.find(({ path }) => path === 'docs/dependencies.md')?.text ?? ''

const rules: [title: string, findings: () => string[]][] = [
  ['each package and each layer imports only what the layout allows', () => sources.flatMap(forbiddenImports)],
  ['each folder has its place in the layers', () => sources.flatMap(placelessFolder)],
  ['decide and schemas import nothing from outside', () => sources.flatMap(impureImports)],
  ['packages are entered by their exports', () => sources.flatMap(entersByTheWindow)],
  ['no circle of packages, folders or files', () => circles(sources)],
  ['services never import deploy/local', () => sources.flatMap(localInProduction)],
  ['no source file is over 300 lines', () => tooLongFiles(sources)],
  ['no function is over 70 lines', () => tooLongFunctions(sources)],
  ['no line of code is over 120 characters', () => tooWide(sources)],
  ['no file or folder is called utils, helpers or common', () => sources.flatMap(vagueName)],
  ['no index file only re-exports', () => sources.flatMap(barrel)],
  ['no banned word is used', () => sources.flatMap(bannedWord)],
  ['no path or registry host of one machine is named', () => sources.flatMap(machineTrace)],
  ['every dependency is defended', () => sources.flatMap((source) => undefendedDependency(source, defence))],
  ['code that is no test imports only what dependencies name', () => undeclaredImports(sources)],
  ['links of documents lead to headings that are there', () => lostLinks(sources)],
  ['no source file is dead', () => deadFiles(sources)],
]
for (const [title, findings] of rules) {
  test(`tidy: ${title}`, () => {
    const found = findings()
    assert.equal(found.length, 0, `\n${found.join('\n')}`)
  })
}

test('vague names and barrels are found', () => {
  assert.equal(vagueName({ path: 'ui/utils/money.ts', text: '' }).length, 1)
  assert.equal(vagueName({ path: 'ui/helpers.ts', text: '' }).length, 1)
  assert.deepEqual(vagueName({ path: 'ui/commonwealth.ts', text: '' }), [])
  assert.equal(
    barrel({ path: 'ui/index.ts', text: "// all\nexport * from './a.ts'\nexport { b } from './b.ts'\n" }).length,
    1,
  )
  assert.deepEqual(barrel({ path: 'ui/index.ts', text: "export * from './a.ts'\nexport const b = 1\n" }), [])
})

test('each banned word is found with its line, and only where it is banned', () => {
  const words = [
    'Date.now()',
    'new Date()',
    'Math.random()',
    'randomUUID()',
    'console.log(1)',
    'let a: any = 1',
    'b as any',
  ]
  for (const word of [...words, '// @ts-ignore', '// TODO later', '// FIXME', 'enum A {}', 'export namespace B {}']) {
    const found = bannedWord({ path: 'gateway/a.ts', text: `const first = 1\n${word}\n` })
    assert.match(found[0] ?? '', /^gateway\/a\.ts:2 /, word)
  }
  for (const timer of [
    'setTimeout(a, 1)',
    'new Promise(setImmediate)',
    'AbortSignal.timeout(5)',
    "from 'node:timers'",
  ]) {
    assert.equal(bannedWord({ path: 'write-side/handle/a.ts', text: timer }).length, 1, timer)
    assert.deepEqual(bannedWord({ path: 'write-side/handle/a.fixture.ts', text: timer }), [])
    assert.deepEqual(bannedWord({ path: 'gateway/a.ts', text: timer }), [])
  }
  for (const unbound of [
    "import pg from 'pg'",
    "import { Client } from 'pg'",
    "import { type Pool, Client } from 'pg'",
  ]) {
    assert.equal(bannedWord({ path: 'read-side/a.ts', text: unbound }).length, 1, unbound)
    assert.deepEqual(bannedWord({ path: 'deploy/runtime/pool.ts', text: unbound }), [])
    assert.deepEqual(bannedWord({ path: 'read-side/a.int-test.ts', text: unbound }), [])
  }
  const bound = "import { type Pool, types } from 'pg'\nimport type { Client } from 'pg'"
  assert.deepEqual(bannedWord({ path: 'read-side/a.ts', text: bound }), [])
  assert.deepEqual(bannedWord({ path: 'deploy/runtime/clock.ts', text: 'Date.now()' }), [])
  assert.deepEqual(bannedWord({ path: 'gateway/a.test.ts', text: 'Date.now()' }), [])
  assert.deepEqual(bannedWord({ path: 'bench/a.ts', text: 'console.log(1)' }), [])
  assert.deepEqual(bannedWord({ path: 'gateway/a.ts', text: 'new Date(0) // for anyone: any of them' }), [])
})

test('paths and hosts of one machine are found, in the lock file too', () => {
  assert.equal(machineTrace({ path: 'README.md', text: 'cd /work/here' }).length, 1)
  assert.equal(
    machineTrace({ path: 'pnpm-lock.yaml', text: 'a\nresolution: {tarball: https://host/a.tgz}' })[0]?.startsWith(
      'pnpm-lock.yaml:2 ',
    ),
    true,
  )
  assert.deepEqual(machineTrace({ path: 'README.md', text: 'see docs/work/ and framework/x' }), [])
})

test('a link to a heading that is not there is found, with its line', () => {
  const money = { path: 'docs/money.md', text: '# Money\n\n## Four eyes, once\n' }
  const linking = (to: string) => lostLinks([money, { path: 'docs/api.md', text: `# API\nsee [it](${to})` }])
  assert.deepEqual([linking('money.md#four-eyes-once'), linking('#api'), linking('money.md')], [[], [], []])
  for (const to of ['money.md#four-eyes', '#money', 'none.md#money']) {
    assert.match(linking(to)[0] ?? '', /^docs\/api\.md:2 links to .*, which is no heading/)
  }
})

test('a dependency that is not defended is found', () => {
  const source = { path: 'ui/package.json', text: '{\n"dependencies": {\n"react": "1",\n"@micropay/schemas": "1" } }' }
  assert.match(undefendedDependency(source, '')[0] ?? '', /^ui\/package\.json:3 react/)
  assert.deepEqual(undefendedDependency(source, '`react`: screens'), [])
})

test('a source file that nothing imports is dead; main files, tests and scripts are not', () => {
  const files = (paths: string[], text = ''): Source[] => paths.map((path) => ({ path, text }))
  assert.equal(deadFiles(files(['ui/a.ts'])).length, 1)
  assert.deepEqual(deadFiles(files(['gateway/main.ts', 'gateway/a.test.ts'])), [])
  const imported = [
    ...files(['schemas/money.ts']),
    { path: 'gateway/main.ts', text: "import type { Money } from '@micropay/schemas/money'" },
  ]
  assert.deepEqual(deadFiles(imported), [])
})

function readTree(): Source[] {
  const listed = execFileSync(
    'git',
    ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--deduplicate'],
    {
      cwd: repository,
      encoding: 'utf8',
      maxBuffer: 64 << 20,
    },
  )
  return listed
    .split('\0')
    .filter((path) =>
      /\.(tsx?|json|ya?ml|md|css|html|sql|xml|properties|sh)$|(^|\/)(run|Dockerfile|Jenkinsfile)$/.test(path),
    )
    .filter((path) => existsSync(join(repository, path)))
    .map((path) => ({ path, text: readFileSync(join(repository, path), 'utf8') }))
}
