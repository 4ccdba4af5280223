import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { createKeyIndex } from './key-index.ts'
import { freshDisks } from './state.fixture.ts'

const seqs = Array.from({ length: 1_000 }, (_, index) => index + 1)

async function freshTree(context: TestContext) {
  const { tables } = await freshDisks.LMDB(context).open()
  context.after(() => tables.close())
  return { tables, tree: tables.open('key-index', 'bytes') }
}

test('keys that are let go leave nothing on disk', async (context) => {
  const { tables, tree } = await freshTree(context)
  const keys = createKeyIndex(tree)
  const count = () => Array.from(tree.entries()).length
  const putAll = async () => {
    await tables.transaction(() => void keys.putSlices(1, 64_000))
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

test('a write that fails makes no key unknown', async (context) => {
  const { tables, tree } = await freshTree(context)
  const keys = createKeyIndex(tree)
  for (const seq of seqs) keys.add(`key ${seq}`, seq)
  const failing = tables.transaction(() => {
    keys.putSlices(1, 64_000)
    throw new Error('the disk is full')
  })
  await assert.rejects(failing, /the disk is full/)
  assert.deepEqual(
    seqs.filter((seq) => keys.seqOf(`key ${seq}`) !== seq),
    [],
  )
})
