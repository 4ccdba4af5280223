import { createMarker, type Marker } from '@micropay/event-log/find-commit'
import { type FoldState, initialFold } from '@micropay/event-log/fold-state'
import type { LedgerView } from '../decide/ledger.ts'
import { createDigest, type Digest } from './digest.ts'
import { createKeyIndex, type KeyIndex } from './key-index.ts'
import {
  createMarkReader,
  readFoldMark,
  readMark,
  type StateMark,
  sameMark,
  serializeFoldMark,
  serializeMark,
} from './mark.ts'
import type { KeyEntry } from './partition-state.ts'
import {
  DIGEST,
  decodeKeyEntry,
  decodeValue,
  FOLD_MARKS,
  KEY_ENTRIES,
  MARK,
  META,
  openPartitionTables,
  type PartitionTables,
  type StoredKeyEntry,
  tableOf,
} from './partition-tables.ts'
import { type Expected, isUseless, type OpenedTables, type StateDisk, type Table, type Verdict } from './tables.ts'
import { type CountedChange, replace, writeChanges } from './write-changes.ts'

/**
 * A partition's state on local disk: a table for each state table, the idempotency keys, and the mark up to which they
 * fold the log. It may lag behind the log and can always be folded again from it. What each key led to is kept in the
 * order of the log; an index of the keys leads there. A digest over all of it is written with each change.
 */
export type StateStore = LedgerView & {
  mark(): StateMark | undefined
  /** The digest over all that is stored, as it was written; undefined of nothing. */
  digest(): string | undefined
  keyEntry(scopedKey: string): KeyEntry | undefined
  /** The nearest folds that are kept in front of a commit and from it on; undefined where none is. */
  foldsAround(seq: number): { readonly before: FoldState | undefined; readonly behind: FoldState | undefined }
  /**
   * Writes all changes and the new mark in one transaction, or throws StateMovedError when the mark is no longer
   * `from`, and StateDiskError when the disk does not take it: the store is to be closed then, and opened again.
   */
  write(from: StateMark | undefined, to: StateMark, changes: readonly CountedChange[]): Promise<void>
  /**
   * Whether all that is stored is still what was written, as it stands at one moment, without stopping anything: to
   * be asked every now and then. Throws StateDiskError, and what `signal` aborts with.
   */
  check(signal?: AbortSignal): Promise<Verdict>
  /** Forgets everything, for a fold from the beginning. */
  clear(): Promise<void>
  close(): Promise<void>
}

/** What is stored is not what was written: the store is to be closed, and is put aside as it is opened again. */
export class StateHarmedError extends Error {
  readonly code = 'state_harmed'

  constructor(reason: string) {
    super(`the state on disk is not to be believed: ${reason}`)
  }
}

/** Another process wrote this state: two workers were given the same directory. */
export class StateMovedError extends Error {
  readonly code = 'state_moved'
}

export type StateStoreOptions = Expected & {
  /** Keys are dropped once they are older than this many days of the ledger's own time: `agedMs` of its fold. */
  readonly keyRetentionDays?: number
}

export type OpenedState = {
  readonly store: StateStore
  readonly found: Found
  /** How far a state of other code was, where there is none of this one: the log must lead there. */
  readonly other?: FoldState | undefined
}

/** What was on the disk: nothing, a state to go on from, or one of no use, which was put aside. */
export type Found = { readonly kind: 'none' | 'sound' } | { readonly kind: 'discarded'; readonly reason: string }

/**
 * Opens (or makes) the state of one partition. Nothing of what is there is believed before all of it was checked; what
 * is not sound is put aside, and the state begins anew. Throws StateDiskError where the disk does not take anything.
 */
export async function openStateStore(
  disk: StateDisk,
  options: StateStoreOptions,
  signal?: AbortSignal,
): Promise<OpenedState> {
  const verdict = await disk.check(options, { signal })
  if (isUseless(verdict)) await disk.discard()
  const store = storeOver(disk, await disk.open(), options)
  const found: Found = isUseless(verdict) ? { kind: 'discarded', reason: verdict.reason } : { kind: verdict.kind }
  return { store, found, other: await foldOfOther(disk, store) }
}

/** Of no interest to a state that says itself how far it is. */
export async function foldOfOther(disk: StateDisk, store: StateStore): Promise<FoldState | undefined> {
  return store.mark() === undefined ? disk.foldOfOther() : undefined
}

/** The state on a disk whose content is believed. */
export function storeOver(
  disk: StateDisk,
  { tables, digestKey }: OpenedTables,
  options: StateStoreOptions,
): StateStore {
  const { keyRetentionDays = 400 } = options
  const opened = openPartitionTables(tables)
  const { keyEntries, keyIndex, foldMarks, meta } = opened
  const keys = indexKeys(opened)
  let marker = markerBehind(foldMarks)
  const kept = createMarkReader(meta)
  const mark = () => kept()?.mark
  return {
    mark,
    digest: () => digestIn(meta),
    read(table, key) {
      const stored = tableOf(opened, table).get(table.keyText(key))
      return stored === undefined ? undefined : table.decode(decodeValue(stored))
    },
    keyEntry(scopedKey) {
      const seq = keys.seqOf(scopedKey)
      const stored = seq === undefined ? undefined : keyEntries.get(seq)
      return seq === undefined || !stored ? undefined : keyEntryOf(seq, decodeKeyEntry(stored), scopedKey)
    },
    foldsAround(seq) {
      const genesis = mark()?.fold.genesis
      const first = (range: Parameters<typeof foldMarks.entries>[0]) => {
        for (const { value } of foldMarks.entries({ ...range, limit: 1 })) return readFoldMark(value, genesis)
        return undefined
      }
      return { before: first({ from: seq - 1, reverse: true }), behind: first({ from: seq }) }
    },
    async write(from, to, changes) {
      const moved = await tables.transaction(() => {
        if (!sameMark(mark(), from)) return true
        const digest = createDigest(digestKey, digestIn(meta))
        writeChanges(opened, digest, keys, changes)
        writeFoldMarks(foldMarks, digest, marker, from?.fold ?? initialFold(to.fold.partition), changes)
        dropOldKeys(keyEntries, digest, keys, changes.length, to.fold.agedMs - keyRetentionDays * DAY_MS)
        const unindexedFrom = keys.putSlices(changes[0]?.fold.seq ?? to.fold.seq + 1, changes.length)
        replace(meta, META, digest, MARK, serializeMark({ mark: to, unindexedFrom }))
        meta.put(DIGEST, Buffer.from(digest.read()))
        return false
      })
      keys.settled()
      if (moved)
        throw new StateMovedError(
          `the state in ${disk.name} was written by another process: give each worker a directory of its own`,
        )
      if (from === undefined) disk.forgetOthers()
    },
    check: (signal) => disk.check(options, { signal, background: true }),
    clear: () =>
      tables.transaction(() => {
        for (const table of [...opened.states.values(), meta]) table.clear()
        keyEntries.clear()
        foldMarks.clear()
        marker = createMarker()
        keyIndex.clear()
        keys.clear()
      }),
    close: () => tables.close(),
  }
}

function indexKeys({ meta, keyEntries, keyIndex }: PartitionTables): KeyIndex {
  const unindexedFrom = readMark(meta)?.unindexedFrom
  const keys = createKeyIndex(keyIndex, unindexedFrom)
  if (unindexedFrom === undefined) return keys
  for (const { key: seq, value } of keyEntries.entries({ from: unindexedFrom }))
    keys.add(decodeKeyEntry(value).scopedKey, seq)
  return keys
}

function digestIn(meta: Table<string>): string | undefined {
  const bytes = meta.get(DIGEST)
  return bytes && Buffer.from(bytes).toString('latin1')
}

function markerBehind(foldMarks: Table<number>): Marker {
  for (const { value } of foldMarks.entries({ reverse: true, limit: 1 })) {
    return createMarker(readFoldMark(value, undefined))
  }
  return createMarker()
}

function writeFoldMarks(
  foldMarks: Table<number>,
  digest: Digest,
  marker: Marker,
  from: FoldState,
  changes: readonly CountedChange[],
): void {
  let before = from
  for (const { fold, size } of changes) {
    for (const kept of marker.take(before, fold, size)) {
      const bytes = serializeFoldMark(kept)
      digest.add(FOLD_MARKS, kept.seq, bytes)
      foldMarks.put(kept.seq, bytes)
    }
    before = fold
  }
}

const DAY_MS = 86_400_000

/**
 * Drops keys from before `horizonMs` of the ledger's own time, but at most twice as many as came in, so that a backlog
 * shrinks and no write takes long.
 */
function dropOldKeys(
  keyEntries: Table<number>,
  digest: Digest,
  keys: KeyIndex,
  added: number,
  horizonMs: number,
): void {
  for (const { key: seq, value } of keyEntries.entries({ limit: 2 * added })) {
    const { agedMs, scopedKey } = decodeKeyEntry(value)
    if (agedMs >= horizonMs) return
    digest.subtract(KEY_ENTRIES, seq, value)
    keyEntries.remove(seq)
    keys.remove(scopedKey, seq)
  }
}

/** Undefined for the entry of another key that only looks like it. */
function keyEntryOf(seq: number, stored: StoredKeyEntry, wanted: string): KeyEntry | undefined {
  const { scopedKey, agedMs: _, ...entry } = stored
  return scopedKey === wanted ? { seq, ...entry } : undefined
}
