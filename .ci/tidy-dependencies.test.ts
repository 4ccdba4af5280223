import assert from 'node:assert/strict'
import { test } from 'node:test'
import { importedPackages, undeclaredImports } from './tidy-dependencies.ts'

const manifests = [
  { path: 'package.json', text: '{"name":"root","devDependencies":{"pg":"1"}}' },
  { path: 'write-side/package.json', text: '{"name":"@micropay/write-side","dependencies":{"pg":"1"}}' },
  {
    path: 'write-side/event-log/package.json',
    text: '{"name":"@micropay/event-log","dependencies":{"zod":"1"},"devDependencies":{"pg":"1"}}',
  },
]
const found = (path: string, text: string) => undeclaredImports([...manifests, { path, text }])

test('what only devDependencies name, or another package does, may not be imported by what runs', () => {
  const pg = "import pg from 'pg'\n"
  assert.deepEqual(found('write-side/main.ts', pg), [])
  assert.deepEqual(found('write-side/event-log/a.ts', `import { z } from 'zod'\n\n${pg}`), [
    'write-side/event-log/a.ts:3 imports pg, which write-side/event-log/package.json does not name in dependencies: ' +
      'name it there',
  ])
  assert.equal(found('write-side/event-log/a.ts', "import type { Pool } from 'pg'\n").length, 1)
  assert.equal(found('write-side/main.ts', "import { open } from '@micropay/event-log/open-event-log'\n").length, 1)
  assert.equal(found('a.ts', pg).length, 1)
})

test('tests, tools and configurations of a build may import what devDependencies name', () => {
  const paths = ['a.test.ts', 'a.int-test.ts', 'a.e2e-test.ts', 'a.fixture.ts', 'a.contract.ts', 'test-services.ts']
  for (const path of paths) assert.deepEqual(found(`write-side/${path}`, "import fc from 'fast-check'\n"), [], path)
  assert.deepEqual(found('ui/vite.config.ts', "import { defineConfig } from 'vite'\n"), [])
  assert.deepEqual(found('.ci/test.ts', "import { ownKafka } from '@micropay/local/stores/test-services'\n"), [])
})

test('parts of Node, files beside, and the package itself need no dependency', () => {
  const text = "import 'node:fs'\nimport fs from 'fs'\nimport './a.ts'\nimport { b } from '@micropay/write-side/b'\n"
  assert.deepEqual(found('write-side/main.ts', text), [])
})

test('imports are seen however they are written', () => {
  const text = [
    "import 'one'",
    "import {\n  a,\n  type B,\n} from '@two/two/deep'",
    "export * from 'three'",
    "const four = await import('four/deep')",
    "const text = 'import is not a word that imports'",
  ].join('\n')
  assert.deepEqual(importedPackages(text), [
    { imported: 'one', line: 1 },
    { imported: '@two/two', line: 5 },
    { imported: 'three', line: 6 },
    { imported: 'four', line: 7 },
  ])
})
