import type { FoldState } from '@micropay/event-log/fold-state'
import { REMOVED } from '../decide/ledger.ts'
import { emptyLedger, overlayOn } from '../decide/overlay.ts'
import type { Digest } from './digest.ts'
import type { KeyIndex } from './key-index.ts'
import type { KeptKey, KeyEntry, StateChange } from './partition-state.ts'
import {
  decodeKeyEntry,
  encodeValue,
  KEY_ENTRIES,
  type PartitionTables,
  type StoredKeyEntry,
  tableOf,
} from './partition-tables.ts'
import type { Table } from './tables.ts'

/** What a commit changed, the fold behind it, and how many bytes its record has. */
export type CountedChange = { readonly change: StateChange; readonly fold: FoldState; readonly size: number }

/** Puts a record instead of the one that may be there, in the digest as well. */
export function replace(table: Table<string>, name: string, digest: Digest, key: string, value: Uint8Array): void {
  const before = table.get(key)
  if (before) digest.subtract(name, key, before)
  digest.add(name, key, value)
  table.put(key, value)
}

/** What changed several times is written once. */
export function writeChanges(
  opened: PartitionTables,
  digest: Digest,
  keys: KeyIndex,
  changes: readonly CountedChange[],
): void {
  const changed = overlayOn(emptyLedger)
  for (const { change, fold } of changes) {
    changed.put(change.puts)
    if (change.key) {
      const { scopedKey, entry } = change.key
      const value = storedEntry(scopedKey, entry, fold.agedMs)
      digest.add(KEY_ENTRIES, entry.seq, value)
      opened.keyEntries.put(entry.seq, value)
      keys.add(scopedKey, entry.seq)
    }
    for (const kept of change.answered) answerLater(opened.keyEntries, digest, kept)
  }
  for (const [table, values] of changed.take()) {
    const records = tableOf(opened, table)
    for (const [key, value] of values) {
      if (value === REMOVED) takeAway(records, table.name, digest, key)
      else replace(records, table.name, digest, key, encodeValue(table.encode(value)))
    }
  }
}

function storedEntry(scopedKey: string, { seq: _, ...entry }: KeyEntry, agedMs: number): Uint8Array {
  const stored: StoredKeyEntry = { scopedKey, agedMs, ...entry }
  return encodeValue(stored)
}

/** The answer of a payment across partitions came after its commit: it takes the place of what stood there. */
function answerLater(keyEntries: Table<number>, digest: Digest, { scopedKey, entry }: KeptKey): void {
  const before = keyEntries.get(entry.seq)
  // Dropped as too old, or of no use any more.
  if (!before) return
  const { agedMs } = decodeKeyEntry(before)
  digest.subtract(KEY_ENTRIES, entry.seq, before)
  const value = storedEntry(scopedKey, entry, agedMs)
  digest.add(KEY_ENTRIES, entry.seq, value)
  keyEntries.put(entry.seq, value)
}

function takeAway(table: Table<string>, name: string, digest: Digest, key: string): void {
  const before = table.get(key)
  if (!before) return
  digest.subtract(name, key, before)
  table.remove(key)
}
