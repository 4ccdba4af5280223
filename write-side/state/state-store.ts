import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type FoldState, readFold, storeFold } from '@micropay/event-log/fold-state'
import { type Database, open, type RootDatabase } from 'lmdb'
import { z } from 'zod'
import type { LedgerView, StateTable } from '../decide/ledger.ts'
import { stateTables } from '../decide/nouns.ts'
import { emptyLedger, overlayOn } from '../decide/overlay.ts'
import { createKeyIndex, type KeyIndex, type KeyTree } from './key-index.ts'
import type { KeyEntry, StateChange } from './partition-state.ts'

/**
 * Changes when what is stored, or how, changes: a state of another version is thrown away and folded again from the
 * log.
 */
const STATE_VERSION = 5

/** How far the state has folded the log. */
export type StateMark = { readonly fold: FoldState }

/**
 * A partition's state on local disk (LMDB): a database for each state table, the idempotency keys, and the mark up to
 * which they fold the log. It may lag behind the log and can always be folded again from it. What each key led to is
 * kept in the order of the log; an index of the keys leads there.
 */
export type StateStore = LedgerView & {
  mark(): StateMark | undefined
  keyEntry(scopedKey: string): KeyEntry | undefined
  /**
   * Writes all changes and the new mark in one transaction, or throws StateMovedError when the mark is no longer
   * `from`.
   */
  write(from: StateMark | undefined, to: StateMark, changes: readonly StateChange[]): Promise<void>
  /** Forgets everything, for a fold from the beginning. */
  clear(): Promise<void>
  close(): Promise<void>
}

/** Another process wrote this state: two workers were given the same directory. */
export class StateMovedError extends Error {
  readonly code = 'state_moved'
}

const storedMark = z.object({
  version: z.literal(STATE_VERSION),
  fold: z.unknown(),
  /** All keys of earlier commits are in the index; those from here on may still wait to be put there. */
  unindexedFrom: z.int(),
})

type StoredKeyEntry = Omit<KeyEntry, 'seq'> & { readonly scopedKey: string }
type Databases = {
  readonly root: RootDatabase
  readonly tables: ReadonlyMap<StateTable<unknown, unknown>, Database<unknown, string>>
  /** By the sequence number of the commit that decided them. */
  readonly keyEntries: Database<StoredKeyEntry, number>
  readonly keyTree: KeyTree
  readonly meta: Database<unknown, string>
}

/**
 * Opens (or makes) the state of one partition. Keys are dropped once they are older than `keyRetentionDays` of log
 * time.
 */
export function openStateStore(directory: string, partition: number, keyRetentionDays = 400): StateStore {
  mkdirSync(directory, { recursive: true })
  const name = `partition-${partition}-v${STATE_VERSION}`
  const path = join(directory, name)
  removeOtherVersions(directory, partition, name)
  const databases = openDatabases(path)
  const { root, tables, keyEntries, meta } = databases
  const stored = readMark(meta)
  const keys = createKeyIndex(databases.keyTree, stored?.unindexedFrom)
  if (stored) {
    for (const { key: seq, value } of keyEntries.getRange({ start: stored.unindexedFrom }))
      keys.add(value.scopedKey, seq)
  }
  const mark = () => readMark(meta)?.mark
  return {
    mark,
    read(table, key) {
      const stored = databaseOf(databases, table).get(table.keyText(key))
      return stored === undefined ? undefined : table.decode(stored)
    },
    keyEntry(scopedKey) {
      const seq = keys.seqOf(scopedKey)
      const stored = seq === undefined ? undefined : keyEntries.get(seq)
      return seq !== undefined && stored?.scopedKey === scopedKey ? keyEntryOf(seq, stored) : undefined
    },
    async write(from, to, changes) {
      // A child, since a callback that throws undoes nothing of a plain transaction.
      const moved = await root.childTransaction(() => {
        if (!sameMark(mark(), from)) return true
        writeChanges(databases, keys, changes)
        dropOldKeys(keyEntries, keys, changes.length, to.fold.decidedAt, keyRetentionDays)
        const unindexedFrom = keys.putSlices(changes[0]?.keyEntry.seq ?? to.fold.seq + 1, changes.length)
        meta.put('mark', serializeMark(to, unindexedFrom))
        return false
      })
      keys.settled()
      if (moved)
        throw new StateMovedError(
          `the state in ${path} was written by another process: give each worker a directory of its own`,
        )
    },
    async clear() {
      await root.transaction(() => {
        for (const database of [...tables.values(), keyEntries, meta]) database.clearSync()
        keys.clear()
      })
    },
    close: () => root.close(),
  }
}

/** State of another version is of no use, and would lie there for ever. */
function removeOtherVersions(directory: string, partition: number, current: string): void {
  const ofPartition = new RegExp(`^partition-${partition}(-v[0-9]+)?$`)
  for (const name of readdirSync(directory)) {
    if (ofPartition.test(name) && name !== current) rmSync(join(directory, name), { recursive: true })
  }
}

function openDatabases(path: string): Databases {
  const root = open({ path, maxDbs: stateTables.length + 3, compression: false, maxReaders: 32 })
  return {
    root,
    tables: new Map(stateTables.map((table) => [table, root.openDB({ name: table.name })])),
    keyEntries: root.openDB({ name: 'key-entries' }),
    keyTree: root.openDB({ name: 'key-index', keyEncoding: 'binary', encoding: 'binary' }),
    meta: root.openDB({ name: 'meta', encoding: 'json' }),
  }
}

function databaseOf({ tables }: Databases, table: StateTable<unknown, unknown>): Database<unknown, string> {
  const database = tables.get(table)
  if (!database) throw new RangeError(`the state table ${table.name} is not in the list of state tables`)
  return database
}

/** What changed several times is written once. */
function writeChanges(databases: Databases, keys: KeyIndex, changes: readonly StateChange[]): void {
  const { keyEntries } = databases
  const changed = overlayOn(emptyLedger)
  for (const { scopedKey, keyEntry, puts } of changes) {
    changed.put(puts)
    const { seq, ...entry } = keyEntry
    keyEntries.put(seq, { scopedKey, ...entry })
    keys.add(scopedKey, seq)
  }
  for (const [table, values] of changed.take()) {
    const database = databaseOf(databases, table)
    for (const [key, value] of values) database.put(key, table.encode(value))
  }
}

/** Drops at most twice as many keys as came in, so that a backlog shrinks and no write takes long. */
function dropOldKeys(
  keyEntries: Databases['keyEntries'],
  keys: KeyIndex,
  added: number,
  now: string,
  retentionDays: number,
): void {
  const horizon = new Date(Date.parse(now) - retentionDays * 86_400_000).toISOString()
  for (const { key: seq, value } of keyEntries.getRange({ limit: 2 * added })) {
    if (value.decidedAt >= horizon) return
    keyEntries.remove(seq)
    keys.remove(value.scopedKey, seq)
  }
}

function keyEntryOf(seq: number, { scopedKey: _, ...entry }: StoredKeyEntry): KeyEntry {
  return { seq, ...entry }
}

function serializeMark({ fold }: StateMark, unindexedFrom: number): z.input<typeof storedMark> {
  return { version: STATE_VERSION, fold: storeFold(fold), unindexedFrom }
}

function readMark(
  meta: Database<unknown, string>,
): { readonly mark: StateMark; readonly unindexedFrom: number } | undefined {
  const parsed = storedMark.safeParse(meta.get('mark'))
  if (!parsed.success) return undefined
  return { mark: { fold: readFold(parsed.data.fold) }, unindexedFrom: parsed.data.unindexedFrom }
}

function sameMark(a: StateMark | undefined, b: StateMark | undefined): boolean {
  return a?.fold.offset === b?.fold.offset && a?.fold.hash === b?.fold.hash && a?.fold.claimId === b?.fold.claimId
}
