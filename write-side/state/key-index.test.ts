import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { open } from 'lmdb'
import { createKeyIndex, type KeyTree } from './key-index.ts'

test('keys that are let go leave nothing on disk', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'micropay-keys-'))
  const root = open({ path: join(directory, 'keys') })
  const tree: KeyTree = root.openDB({ name: 'key-index', keyEncoding: 'binary', encoding: 'binary' })
  const keys = createKeyIndex(tree)
  const seqs = Array.from({ length: 1_000 }, (_, index) => index + 1)
  const count = () => Array.from(tree.getKeys()).length
  const putAll = () => root.transaction(() => void keys.putSlices(1, 64_000))
  for (const seq of seqs) keys.add(`key ${seq}`, seq)
  assert.equal(count(), 0)
  await putAll()
  assert.equal(count(), 1_000)
  for (const seq of seqs) keys.remove(`key ${seq}`, seq)
  await putAll()
  assert.equal(count(), 0)
  await root.close()
  rmSync(directory, { recursive: true })
})
