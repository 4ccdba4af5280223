import { randomBytes } from 'node:crypto'
import { createReadStream, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { SECRET_BYTES, SECRET_FILE } from '../lmdb/files.ts'
import { openLmdbTables } from '../lmdb/tables.ts'
import { readMark, sameMark } from '../mark.ts'
import { META } from '../partition-tables.ts'
import { blocksIn, putBlocks } from './content.ts'
import { contentMac, isSameMac, type Manifest } from './manifest.ts'
import type { ObjectStore } from './object-store.ts'

/** `path` is where the state is put, in the place of what is there. */
export type RestoreAsked = {
  readonly path: string
  readonly key: Uint8Array
  readonly manifest: Pick<Manifest, 'fold' | 'content'>
}

export type Restored =
  /** `digest` is that of the state on disk now. */
  | { readonly kind: 'restored'; readonly digest: string }
  /** The snapshot is of no use. */
  | { readonly kind: 'refused'; readonly reason: string }

/**
 * Makes the state on disk of a snapshot whose manifest is believed. All of its bytes are here and checked before any of
 * them is read as a state, and the state is at its place only once it is whole. Memory is bounded by a few blocks.
 */
export async function restoreSnapshot(
  { path, key, manifest: { content, fold } }: RestoreAsked,
  store: ObjectStore,
): Promise<Restored> {
  const file = `${path}-fetched`
  const restoring = `${path}-restoring`
  try {
    const fault = await fetchContent({ content, key, file }, store)
    if (fault !== undefined) return { kind: 'refused', reason: fault }
    rmSync(restoring, RECURSIVE)
    mkdirSync(restoring, { recursive: true, mode: 0o700 })
    const digestKey = randomBytes(SECRET_BYTES)
    writeFileSync(join(restoring, SECRET_FILE), digestKey, { mode: 0o600 })
    const tables = openLmdbTables(restoring)
    try {
      const digest = await putBlocks(tables, digestKey, blocksIn(createReadStream(file, { highWaterMark: READ_BYTES })))
      const mark = readMark(tables.open(META, 'text'))?.mark
      if (!sameMark(mark, { fold })) return { kind: 'refused', reason: 'its state stands elsewhere than it says' }
      await tables.close()
      rmSync(path, RECURSIVE)
      renameSync(restoring, path)
      return { kind: 'restored', digest }
    } finally {
      await tables.close()
    }
  } finally {
    rmSync(file, { force: true })
    rmSync(restoring, RECURSIVE)
  }
}

const RECURSIVE = { recursive: true, force: true }
const READ_BYTES = 1 << 20

type Fetched = Pick<RestoreAsked, 'key'> & Pick<Manifest, 'content'> & { readonly file: string }

/** Puts the content into a file; says what is wrong with it. */
async function fetchContent({ content, key, file }: Fetched, store: ObjectStore): Promise<string | undefined> {
  const chunks = await store.read(content.name)
  if (!chunks) return 'the state that it names is not there'
  const mac = contentMac(key)
  const written = await open(file, 'w', 0o600)
  try {
    let bytes = 0
    for await (const chunk of chunks) {
      bytes += chunk.byteLength
      if (bytes > content.bytes) return 'its state is longer than it says'
      mac.update(chunk)
      await written.writeFile(chunk)
    }
    if (bytes < content.bytes) return `its state is cut off: ${bytes} of ${content.bytes} bytes`
  } finally {
    await written.close()
  }
  return isSameMac(mac.digest('base64url'), content.mac) ? undefined : 'its state was changed'
}
