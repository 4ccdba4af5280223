import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, before, test } from 'node:test'

const repository = resolve(import.meta.dirname, '..')
const folder = mkdtempSync(join(tmpdir(), 'micropay-bom-'))
const made = join(folder, 'bom.json')
const bom = (...args: string[]) =>
  spawnSync(process.execPath, [join(import.meta.dirname, 'sbom.ts'), ...args], { cwd: repository, encoding: 'utf8' })

before(() => {
  const { status, stderr } = bom('--out', made)
  assert.equal(status, 0, stderr)
})
after(() => rmSync(folder, { recursive: true }))

test('the bill of materials names what is in the image, the UI too, and no tool that only builds or tests', () => {
  const { components } = JSON.parse(readFileSync(made, 'utf8'))
  const held = new Map(components.map((one: Record<string, string>) => [one.purl, one]))
  const manifests = ['gateway', 'write-side', 'read-side', 'projections', 'ui'].map((name) =>
    JSON.parse(readFileSync(join(repository, name, 'package.json'), 'utf8')),
  )
  for (const { dependencies } of manifests) {
    for (const [name, version] of Object.entries<string>(dependencies)) {
      if (version.startsWith('workspace:')) continue
      assert.ok(held.has(`pkg:npm/${name.replace('@', '%40')}@${version}`), `${name}@${version}`)
    }
  }
  assert.deepEqual(
    [...held.keys()].filter((purl) => /\/(vite|typescript|playwright-core|node|.*biome)@/.test(String(purl))),
    [],
  )
})

test('a bill of materials that does not fit the schema is refused, with the place where', () => {
  const wrong = join(folder, 'wrong.json')
  writeFileSync(wrong, readFileSync(made, 'utf8').replace('"type": "application"', '"type": "thing"'))
  const { status, stderr } = bom('--check', wrong)
  assert.equal(status, 1)
  assert.match(stderr, /^\/metadata\/.*type must be equal to one of the allowed values$/m)
  assert.equal(bom('--check', made).status, 0)
})
