import { Packr } from 'msgpackr'
import type { StateTable } from '../decide/ledger.ts'
import { stateTables } from '../decide/nouns.ts'
import type { RecordKey } from './digest.ts'
import { type KeyEntry, keyTables } from './partition-state.ts'
import type { Table, Tables } from './tables.ts'

/** All tables of one partition's state. What they hold is MessagePack, and JSON in `meta`. */
export type PartitionTables = {
  /** By the names of the nouns' state tables. */
  readonly states: ReadonlyMap<string, Table<string>>
  /** By the sequence number of the commit that decided them. */
  readonly keyEntries: Table<number>
  readonly keyIndex: Table<Uint8Array>
  /** The fold behind every so many commits, by its sequence number: where the log is read to find one of them. */
  readonly foldMarks: Table<number>
  /** The mark, and the digest over all but the key index and itself. */
  readonly meta: Table<string>
}

/** What one idempotency key led to, as it is kept. `agedMs` is the ledger's own time of its commit. */
export type StoredKeyEntry = Omit<KeyEntry, 'seq'> & { readonly scopedKey: string; readonly agedMs: number }

export const KEY_ENTRIES = 'key-entries'
export const FOLD_MARKS = 'fold-marks'
export const META = 'meta'
/** The records of `meta`. */
export const MARK = 'mark'
export const DIGEST = 'digest'

export function openPartitionTables(tables: Tables): PartitionTables {
  return {
    states: new Map([...stateTables, ...keyTables].map(({ name }) => [name, tables.open(name, 'text')])),
    keyEntries: tables.open(KEY_ENTRIES, 'number'),
    keyIndex: tables.open('key-index', 'bytes'),
    foldMarks: tables.open(FOLD_MARKS, 'number'),
    meta: tables.open(META, 'text'),
  }
}

export function tableOf({ states }: PartitionTables, { name }: StateTable<unknown, unknown>): Table<string> {
  const table = states.get(name)
  if (!table) throw new RangeError(`the state table ${name} is not in the list of state tables`)
  return table
}

/** All that the digest is over. */
export function* recordsIn({ states, keyEntries, foldMarks, meta }: PartitionTables): Generator<DigestedRecord> {
  for (const [name, table] of states) yield* recordsOf(name, table)
  yield* recordsOf(KEY_ENTRIES, keyEntries)
  yield* recordsOf(FOLD_MARKS, foldMarks)
  for (const record of recordsOf(META, meta)) if (record.key !== DIGEST) yield record
}

/** `found` is what its table answers to its key, which is another value only where the file is not whole. */
export type DigestedRecord = {
  readonly table: string
  readonly key: RecordKey
  readonly value: Uint8Array
  readonly found: Uint8Array | undefined
}

function* recordsOf<Key extends RecordKey>(name: string, table: Table<Key>): Generator<DigestedRecord> {
  for (const { key, value } of table.entries()) yield { table: name, key, value, found: table.get(key) }
}

/** As LMDB's own encoder has it, so that any program with LMDB and MessagePack can read the state. */
const packr = new Packr()

export function encodeValue(value: unknown): Uint8Array {
  return packr.pack(value)
}

/** What `encodeValue` made bytes of. */
export function decodeValue(bytes: Uint8Array): unknown {
  return packr.unpack(bytes)
}

/** The entries are this program's own: what anybody else wrote is found by the digest, before any is read. */
export function decodeKeyEntry(bytes: Uint8Array): StoredKeyEntry {
  return packr.unpack(bytes)
}
