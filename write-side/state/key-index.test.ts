import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { open, type RootDatabase } from 'lmdb'
import { createKeyIndex, type KeyTree } from './key-index.ts'

let directory: string
let root: RootDatabase
let tree: KeyTree
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'micropay-keys-'))
  root = open({ path: join(directory, 'keys') })
  tree = root.openDB({ name: 'key-index', keyEncoding: 'binary', encoding: 'binary' })
})
afterEach(async () => {
  await root.close()
  rmSync(directory, { recursive: true })
})

const seqs = Array.from({ length: 1_000 }, (_, index) => index + 1)

test('keys that are let go leave nothing on disk', async () => {
  const keys = createKeyIndex(tree)
  const count = () => Array.from(tree.getKeys()).length
  const putAll = async () => {
    await root.childTransaction(() => void keys.putSlices(1, 64_000))
    keys.settled()
  }
  for (const seq of seqs) keys.add(`key ${seq}`, seq)
  assert.equal(count(), 0)
  await putAll()
  assert.equal(count(), 1_000)
  for (const seq of seqs) keys.remove(`key ${seq}`, seq)
  await putAll()
  assert.equal(count(), 0)
})

test('a write that fails makes no key unknown', async () => {
  const keys = createKeyIndex(tree)
  for (const seq of seqs) keys.add(`key ${seq}`, seq)
  const failing = root.childTransaction(() => {
    keys.putSlices(1, 64_000)
    throw new Error('the disk is full')
  })
  await assert.rejects(failing, /the disk is full/)
  assert.deepEqual(
    seqs.filter((seq) => keys.seqOf(`key ${seq}`) !== seq),
    [],
  )
})
