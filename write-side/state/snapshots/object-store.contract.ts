import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { freshDirectory } from '../state.fixture.ts'
import type { ObjectStore } from './object-store.ts'

/** What every store of objects does; `fresh` is an empty one. */
export function objectStoreContract(fresh: (context: TestContext) => Promise<ObjectStore>): void {
  test('what was written is read as it was', async (context) => {
    const store = await fresh(context)
    const bytes = randomBytes(1_000)
    await store.write('ledger-a b/partition-0/one', bytes)
    assert.deepEqual(await all(store, 'ledger-a b/partition-0/one'), bytes)
  })

  test('a file of several parts is read as it was', async (context) => {
    const store = await fresh(context)
    const bytes = randomBytes(20 << 20)
    const file = join(freshDirectory(context), 'file')
    writeFileSync(file, bytes)
    await store.write('folder/long', { file })
    assert.ok((await all(store, 'folder/long'))?.equals(bytes))
  })

  test('what is written again takes the place of what was there', async (context) => {
    const store = await fresh(context)
    await store.write('folder/one', Buffer.from('before'))
    await store.write('folder/one', Buffer.from('after'))
    assert.equal(String(await all(store, 'folder/one')), 'after')
  })

  test('there is nothing under other names', async (context) => {
    const store = await fresh(context)
    await store.write('folder/one', Buffer.from('one'))
    assert.equal(await all(store, 'folder/on'), undefined)
    assert.equal(await all(store, 'folder/one/two'), undefined)
  })

  test('what a folder holds is listed, and no more', async (context) => {
    const store = await fresh(context)
    assert.deepEqual(await store.list('folder/a'), [])
    for (const name of ['folder/a/1', 'folder/a/2', 'folder/ab/3', 'folder/4']) {
      await store.write(name, Buffer.from(name))
    }
    assert.deepEqual((await store.list('folder/a')).sort(), ['folder/a/1', 'folder/a/2'])
  })

  test('all are listed, however many there are', async (context) => {
    const store = await fresh(context)
    const names = Array.from({ length: 1_050 }, (_, at) => `many/${at}`)
    for (let from = 0; from < names.length; from += 50) {
      await Promise.all(names.slice(from, from + 50).map((name) => store.write(name, Buffer.from('x'))))
    }
    assert.deepEqual((await store.list('many')).sort(), names.sort())
  })

  test('what was removed is gone, and may be removed again', async (context) => {
    const store = await fresh(context)
    await store.write('folder/one', Buffer.from('one'))
    await store.remove('folder/one')
    await store.remove('folder/one')
    assert.deepEqual([await store.list('folder'), await all(store, 'folder/one')], [[], undefined])
  })

  test('a file that cannot be read to its end is not found', async (context) => {
    const store = await fresh(context)
    await assert.rejects(store.write('folder/one', { file: join(freshDirectory(context), 'nothing') }))
    assert.deepEqual([await store.list('folder'), await all(store, 'folder/one')], [[], undefined])
  })
}

async function all(store: ObjectStore, name: string): Promise<Buffer | undefined> {
  const chunks = await store.read(name)
  if (!chunks) return undefined
  const parts: Uint8Array[] = []
  for await (const chunk of chunks) parts.push(chunk)
  return Buffer.concat(parts)
}
