import assert from 'node:assert/strict'
import { chmodSync, lstatSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { startProduct } from './product.fixture.ts'

/** Everything that is there, but for what is PostgreSQL's own. */
function everythingIn(home: string): readonly string[] {
  const paths = readdirSync(home, { recursive: true, encoding: 'utf8' }).filter((path) => !/^postgres\b/.test(path))
  return paths.map((path) => join(home, path))
}

function openToOthers(paths: readonly string[]): readonly string[] {
  return paths.filter((path) => {
    const found = lstatSync(path, { throwIfNoEntry: false })
    return found && !found.isSymbolicLink() && (found.mode & 0o077) !== 0
  })
}

test('what start and its services write is for the eyes of their user alone, and so is what lay there from before', {
  timeout: 240_000,
}, async (context) => {
  const home = mkdtempSync(join(tmpdir(), 'micropay-private-'))
  context.after(() => rmSync(home, { recursive: true, force: true }))
  const first = await startProduct({ home })
  const written = everythingIn(home)
  for (const what of [/state\/.*data\.mdb$/, /state\/.*digest\.key$/, /issuer\/.*\.json$/, /logs\/write-side\.log$/]) {
    assert.ok(
      written.some((path) => what.test(path)),
      `${what}`,
    )
  }
  assert.deepEqual(openToOthers(written), [])
  assert.equal((await first.stop()).code, 0)
  for (const path of everythingIn(home)) chmodSync(path, lstatSync(path).isDirectory() ? 0o755 : 0o644)
  chmodSync(home, 0o755)

  await using _second = await startProduct({ home })
  assert.deepEqual(openToOthers(everythingIn(home)), [])
  assert.equal(lstatSync(home).mode & 0o066, 0, 'nobody else looks into it')
})
