import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { test } from 'node:test'
import {
  circles,
  entersByTheWindow,
  forbiddenImports,
  impureImports,
  localInProduction,
  packages,
  placelessFolder,
} from './tidy-imports.ts'

const repository = resolve(import.meta.dirname, '..')
const from = (path: string, specifier: string) => forbiddenImports({ path, text: `import { a } from '${specifier}'` })

test('the import rules fail on what the layout forbids, and on nothing else', () => {
  assert.deepEqual(from('ui/a.ts', '@micropay/schemas/money'), [])
  assert.match(
    from('ui/a.ts', '@micropay/runtime/clock')[0] ?? '',
    /^ui\/a\.ts:1 imports deploy\/runtime\/clock; ui may import only/,
  )
  assert.deepEqual(from('projections/follow/a.ts', '@micropay/event-log/event-log'), [])
  assert.equal(from('projections/follow/a.ts', '@micropay/write-side/decide/payment').length, 1)
  assert.equal(from('projections/follow/a.ts', '../../write-side/decide/payment.ts').length, 1)
  assert.deepEqual(from('read-side/accounts/a.ts', '@micropay/projections/accounts/tables'), [])
  assert.equal(from('read-side/accounts/a.ts', '@micropay/projections/accounts/fold').length, 1)
  assert.equal(from('read-side/accounts/a.ts', '@micropay/event-log/event-log').length, 1)
  assert.deepEqual(from('read-side/audit/a.ts', '@micropay/event-log/event-log'), [])
  assert.deepEqual(from('gateway/a.int-test.ts', '@micropay/write-side/app'), [])
  assert.equal(from('schemas/a.ts', '../deploy/runtime/clock.ts').length, 1)
})

test('cli, proof and bench are imported by nothing, tests neither', () => {
  assert.equal(from('gateway/a.ts', '@micropay/cli/command-line').length, 1)
  assert.equal(from('gateway/a.int-test.ts', '@micropay/proof/e2e/product.fixture').length, 1)
  assert.deepEqual(from('deploy/proof/a.ts', '@micropay/sdk/access-token'), [])
})

test('inside a package imports go down its layers', () => {
  assert.deepEqual(from('write-side/handle/a.ts', '../decide/payment.ts'), [])
  assert.equal(from('write-side/decide/a.ts', '../handle/command.ts').length, 1)
  assert.equal(from('write-side/decide/a.ts', '@micropay/event-log/fold').length, 1)
  assert.deepEqual(from('write-side/decide/a.test.ts', '../handle/command.ts'), [])
  assert.equal(from('schemas/log/a.ts', '../api/payment.ts').length, 1)
  assert.deepEqual(from('schemas/log/a.ts', '../money.ts'), [])
  assert.equal(from('read-side/audit/a.ts', '../accounts/search.ts').length, 1)
  assert.equal(from('read-side/a-new-one/a.ts', '../accounts/search.ts').length, 1)
  assert.equal(from('projections/follow/a.ts', '../accounts/tables.ts').length, 1)
  assert.deepEqual(from('read-side/audit/a.ts', '../answer/csv.ts'), [])
  assert.equal(from('read-side/answer/a.ts', '../accounts/search.ts').length, 1)
  assert.equal(from('projections/accounts/a.ts', '../audit/tables.ts').length, 1)
  assert.deepEqual(from('projections/accounts/a.ts', '../write/row-buffer.ts'), [])
  assert.equal(from('ui/src/data/a.ts', '../components/field.tsx').length, 1)
  assert.deepEqual(from('ui/src/app/a.tsx', '../features/audit/page.tsx'), [])
})

test('a folder that comes takes its place in the layers first', () => {
  const placeless = (path: string) => placelessFolder({ path, text: '' }).length
  assert.equal(placeless('write-side/sagas/a.ts'), 1)
  assert.equal(placeless('ui/src/widgets/a.tsx'), 1)
  assert.equal(placeless('write-side/decide/a.ts'), 0)
  assert.equal(placeless('write-side/event-log/eventstoredb/a.ts'), 0)
  assert.equal(placeless('write-side/main.ts'), 0)
})

test('what is pure takes nothing from outside', () => {
  const impure = (path: string, specifier: string) =>
    impureImports({ path, text: `import a from '${specifier}'` }).length
  assert.equal(impure('write-side/decide/a.ts', 'node:fs'), 1)
  assert.equal(impure('write-side/decide/a.ts', 'lmdb'), 1)
  assert.equal(impure('write-side/decide/a.ts', 'node:assert/strict'), 0)
  assert.equal(impure('write-side/decide/a.test.ts', 'fast-check'), 0)
  assert.equal(impure('schemas/log/a.ts', 'zod'), 0)
  assert.equal(impure('write-side/state/a.ts', 'lmdb'), 0)
  assert.equal(from('write-side/event-log/kafka/a.ts', '../postgres/reader.ts').length, 1)
})

test('no feature of the UI imports another', () => {
  assert.equal(from('ui/src/features/pay/a.tsx', '../statement/b.tsx').length, 1)
  assert.deepEqual(from('ui/src/features/pay/a.tsx', './form/b.tsx'), [])
  assert.deepEqual(from('ui/src/features/pay/a.tsx', '../../components/field.tsx'), [])
})

test('production code may not import deploy/local, and tests may', () => {
  const text = "import { startPostgres } from '@micropay/local/stores/postgres'"
  assert.equal(localInProduction({ path: 'gateway/main.ts', text }).length, 1)
  assert.deepEqual(localInProduction({ path: 'gateway/main.int-test.ts', text }), [])
})

test('a relative path never leaves its package, not even in a test', () => {
  const leaves = (path: string, specifier: string) => entersByTheWindow({ path, text: `import '${specifier}'` }).length
  assert.equal(leaves('gateway/a.int-test.ts', '../write-side/app.ts'), 1)
  assert.equal(leaves('write-side/handle/a.ts', '../event-log/fold.ts'), 1)
  assert.equal(leaves('write-side/handle/a.ts', '../decide/payment.ts'), 0)
})

test('circles of files, of folders and of packages are found', () => {
  const tree = (files: Record<string, string[]>) =>
    circles(
      Object.entries(files).map(([path, imports]) => ({
        path,
        text: imports.map((specifier) => `import '${specifier}'`).join('\n'),
      })),
    )
  assert.deepEqual(tree({ 'ui/a.ts': ['./b.ts'], 'ui/b.ts': ['./c.ts'], 'ui/c.ts': [] }), [])
  assert.deepEqual(tree({ 'ui/a.ts': ['./b.ts'], 'ui/b.ts': ['./a.ts'] }), ['ui: a.ts → b.ts → a.ts'])
  const folders = { 'ui/x/a.ts': ['../y/b.ts'], 'ui/y/b.ts': [], 'ui/y/c.ts': ['../x/d.ts'], 'ui/x/d.ts': [] }
  assert.deepEqual(tree(folders), ['ui: x → y → x'])
  const port = { 'ui/log.ts': [], 'ui/kafka/log.ts': ['../log.ts'], 'ui/open.ts': ['./kafka/log.ts', './log.ts'] }
  assert.deepEqual(tree(port), [])
  const above = { 'ui/a.test.ts': ['./x/b.ts'], 'ui/x/b.ts': ['../a.test.ts'] }
  assert.deepEqual(tree(above), [])
  const ways = { 'gateway/a.test.ts': ['@micropay/read-side/b'], 'read-side/b.ts': ['@micropay/gateway/a.test'] }
  assert.deepEqual(tree(ways), ['the packages: gateway → read-side → gateway'])
})

test('the rules know every package, by its name', () => {
  const manifests = globSync(['*/package.json', '{write-side,deploy}/*/package.json'], { cwd: repository })
  const found = manifests
    .filter((path) => !path.includes('node_modules'))
    .map((path) => [JSON.parse(readFileSync(join(repository, path), 'utf8')).name, dirname(path)])
  const known = Object.entries(packages).map(([name, folder]) => [`@micropay/${name}`, folder])
  assert.deepEqual(Object.fromEntries(found), Object.fromEntries(known))
})
