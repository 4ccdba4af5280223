import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, mkdirSync, openSync, rmSync, statfsSync, statSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { checkTables } from '../check-tables.ts'
import { DATA_FILE, readDigestKey } from '../lmdb/files.ts'
import { openLmdbTables } from '../lmdb/tables.ts'
import { readMark, STATE_VERSION } from '../mark.ts'
import { META } from '../partition-tables.ts'
import { type Expected, isUseless, type KeyKinds, type Table, type Tables } from '../tables.ts'
import { blocksOf } from './content.ts'
import { contentMac, type Manifest, sealManifest } from './manifest.ts'
import { folderOf, namesOf, outlived } from './names.ts'
import type { ObjectStore } from './object-store.ts'

/** `path` is the state on disk, `key` that of the ledger's snapshots. */
export type TakeAsked = Expected & { readonly path: string; readonly key: Uint8Array; readonly takenAt: string }

export type Taken =
  | { readonly kind: 'taken'; readonly seq: number; readonly takenAt: string; readonly bytes: number }
  | { readonly kind: 'none' }
  /** The state is not what the ledger wrote: nobody may sign it. */
  | { readonly kind: 'harmed'; readonly reason: string }

/**
 * Takes a snapshot of a state that somebody else has open and goes on writing: what it was at one moment. It is checked
 * as it is read, so that what somebody changed on this disk never goes out under the ledger's key. The manifest is
 * written last, so that what is cut off is nothing; then those that are no longer needed are removed.
 */
export async function takeSnapshot(asked: TakeAsked, store: ObjectStore): Promise<Taken> {
  const file = `${asked.path}-taking`
  try {
    const copied = copyState(asked, file)
    if (!('fold' in copied)) return copied
    const { path: _, key, ...said } = asked
    const stateVersion = STATE_VERSION
    const names = namesOf(asked, { seq: copied.fold.seq, stateVersion, id: randomBytes(6).toString('hex') })
    const content = { name: names.content, bytes: copied.bytes, mac: copied.mac }
    const { ledgerId, partition, takenAt } = said
    await store.write(names.content, { file })
    const manifest: Manifest = { ledgerId, partition, stateVersion, fold: copied.fold, takenAt, content }
    await store.write(names.manifest, sealManifest(manifest, key))
    for (const name of outlived(await store.list(folderOf(asked)), stateVersion, KEPT)) await store.remove(name)
    return { kind: 'taken', seq: copied.fold.seq, takenAt, bytes: copied.bytes }
  } finally {
    rmSync(file, { force: true })
  }
}

const KEPT = 3

type Copied = Pick<Manifest, 'fold'> & { readonly bytes: number; readonly mac: string }

/** In one turn, in which all reads are of the same moment. */
function copyState(asked: TakeAsked, file: string): Copied | Exclude<Taken, { kind: 'taken' }> {
  makeSureOfRoom(asked.path)
  const tables = openedOnce(openLmdbTables(asked.path, { readOnly: true }))
  try {
    const verdict = checkTables(tables, readDigestKey(asked.path), asked)
    if (isUseless(verdict)) return { kind: 'harmed', reason: verdict.reason }
    const fold = readMark(tables.open(META, 'text'))?.mark.fold
    if (!fold) return { kind: 'none' }
    const mac = contentMac(asked.key)
    let bytes = 0
    mkdirSync(dirname(file), { recursive: true })
    const descriptor = openSync(file, 'w', 0o600)
    try {
      for (const block of blocksOf(tables)) {
        mac.update(block)
        for (let written = 0; written < block.byteLength; ) written += writeSync(descriptor, block, written)
        bytes += block.byteLength
      }
      fsyncSync(descriptor)
    } finally {
      closeSync(descriptor)
    }
    return { fold, bytes, mac: mac.digest('base64url') }
  } finally {
    void tables.close()
  }
}

/** To open a table begins a later moment, so each is opened once, before any is read. */
function openedOnce(tables: Tables): Tables {
  const opened = new Map<string, Table<KeyKinds[keyof KeyKinds]>>()
  return {
    ...tables,
    open<Kind extends keyof KeyKinds>(name: string, keys: Kind) {
      const table = (opened.get(name) as Table<KeyKinds[Kind]> | undefined) ?? tables.open(name, keys)
      opened.set(name, table)
      return table
    },
  }
}

/** The state itself must never find the disk full because a snapshot of it was being taken. */
function makeSureOfRoom(path: string): void {
  const { bavail, bsize } = statfsSync(path)
  const { blocks } = statSync(join(path, DATA_FILE))
  if (bavail * bsize < 2 * blocks * DISK_BLOCK_BYTES) {
    throw new Error(`there is too little room beside the state in ${path} to take a snapshot of it`)
  }
}

const DISK_BLOCK_BYTES = 512
