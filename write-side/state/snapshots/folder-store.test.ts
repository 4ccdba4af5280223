import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { freshDirectory } from '../state.fixture.ts'
import { folderStore } from './folder-store.ts'
import { objectStoreContract } from './object-store.contract.ts'

objectStoreContract(async (context) => folderStore(freshDirectory(context)))

test('what somebody left half written is not listed, and goes after a day', async (context) => {
  const root = freshDirectory(context)
  const store = folderStore(root)
  mkdirSync(join(root, 'folder'))
  for (const name of ['.part-old', '.part-new']) writeFileSync(join(root, 'folder', name), 'half')
  const dayBefore = Date.now() / 1_000 - 90_000
  utimesSync(join(root, 'folder', '.part-old'), dayBefore, dayBefore)
  await store.write('folder/one', Buffer.from('one'))
  assert.deepEqual(await store.list('folder'), ['folder/one'])
  assert.deepEqual(readdirSync(join(root, 'folder')).sort(), ['.part-new', 'one'])
})
