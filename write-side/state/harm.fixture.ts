import { cpSync, rmSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { systemClock } from '@micropay/runtime/clock'
import { open } from 'lmdb'
import { lmdbDisk } from './lmdb/disk.ts'
import { createMemoryDisk } from './memory/disk.ts'
import { freshDirectory } from './state.fixture.ts'
import type { KeyKinds, StateDisk } from './tables.ts'

/** A disk and what can happen to it while nobody has it open. */
export type HarmedDisk = {
  readonly disk: StateDisk
  /** Changes a record as somebody would who knows LMDB, and not the secret; undefined removes it. */
  edit<Kind extends keyof KeyKinds>(table: string, keys: Kind, key: KeyKinds[Kind], change: Edit): Promise<void>
  truncate(): void
  loseKey(): void
  /** What is stored now; called, it puts that in the place of what is stored then. */
  copy(): () => void
}

type Edit = (value: Uint8Array | undefined) => Uint8Array | undefined

/** Every kind of disk. */
export const harmedDisks: Readonly<Record<string, (context: TestContext) => HarmedDisk>> = {
  LMDB(context) {
    const directory = freshDirectory(context)
    const disk = lmdbDisk(directory, 0, systemClock)
    const path = disk.name
    let copies = 0
    return {
      disk,
      edit: (table, keys, key, change) => editLmdb(path, table, keys, key, change),
      truncate: () => truncateSync(join(path, 'data.mdb'), 5_000),
      loseKey: () => rmSync(join(path, 'digest.key')),
      copy() {
        copies += 1
        const copy = join(directory, `copy-${copies}`)
        cpSync(path, copy, { recursive: true })
        return () => {
          rmSync(path, { recursive: true })
          cpSync(copy, path, { recursive: true })
        }
      },
    }
  },
  memory() {
    const disk = createMemoryDisk({ clock: systemClock })
    return {
      disk,
      edit: async (table, keys, key, change) => disk.edit(table, keys, key, change),
      truncate: () => disk.truncate(),
      loseKey: () => disk.loseKey(),
      copy() {
        const image = disk.copy()
        return () => disk.restore(image)
      },
    }
  },
}

export async function editLmdb<Kind extends keyof KeyKinds>(
  path: string,
  name: string,
  keys: Kind,
  key: KeyKinds[Kind],
  change: Edit,
): Promise<void> {
  const root = open({ path, maxDbs: 48 })
  const table = root.openDB<Uint8Array, KeyKinds[Kind]>({
    ...{ name, encoding: 'binary' },
    ...(keys === 'bytes' ? { keyEncoding: 'binary' } : {}),
  })
  const value = change(table.getBinary(key))
  root.transactionSync(() => void (value ? table.put(key, value) : table.remove(key)))
  await root.close()
}
