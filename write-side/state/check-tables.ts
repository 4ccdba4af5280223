import { createDigest } from './digest.ts'
import { indexedSeqOf } from './key-index.ts'
import { readMark } from './mark.ts'
import { DIGEST, decodeKeyEntry, openPartitionTables, type PartitionTables, recordsIn } from './partition-tables.ts'
import type { Expected, Table, Tables, Verdict } from './tables.ts'

/**
 * Whether what is stored is whole, was written by the ledger alone, and belongs to it. Reads all of it in one turn;
 * `onProgress` is called every now and then.
 */
export function checkTables(
  tables: Tables,
  digestKey: Uint8Array | undefined,
  expected: Expected,
  onProgress: () => void = () => {},
): Verdict {
  const opened = openPartitionTables(tables)
  const digest = createDigest(digestKey ?? new Uint8Array())
  let records = 0
  for (const { table, key, value, found } of recordsIn(opened)) {
    // What is listed in another order than it is looked up in was put there by somebody else.
    if (!found || Buffer.compare(found, value) !== 0) return edited(`a record of ${table} is not found by its key`)
    digest.add(table, key, value)
    records += 1
    if (records % RECORDS_A_STEP === 0) onProgress()
  }
  const written = readMark(opened.meta)
  if (records === 0 && !written) return { kind: 'none' }
  if (!written) return edited('it does not say how far it is')
  const { partition, genesis } = written.mark.fold
  if (partition !== expected.partition)
    return { kind: 'foreign', reason: `it is of partition ${partition}, not ${expected.partition}` }
  if (genesis && genesis.ledgerId !== expected.ledgerId)
    return { kind: 'foreign', reason: `it is of the ledger ${genesis.ledgerId}, not ${expected.ledgerId}` }
  if (!digestKey) return edited('the secret of its digest is missing')
  if (textIn(opened.meta.get(DIGEST)) !== digest.read())
    return edited('it is not what the ledger wrote: its digest is another')
  if (!isWhole(opened.keyIndex, onProgress)) return edited('the index of the keys is not whole')
  const lost = keyNotIndexed(opened, written.unindexedFrom, onProgress)
  return lost === undefined ? { kind: 'sound' } : edited(`the key of commit ${lost} is not found`)
}

function edited(reason: string): Verdict {
  return { kind: 'edited', reason }
}

const RECORDS_A_STEP = 10_000

/** Looks through all of it: the look-up of a key that nobody used may lead anywhere. */
function isWhole(keyIndex: Table<Uint8Array>, onProgress: () => void): boolean {
  let entries = 0
  for (const { key } of keyIndex.entries()) {
    if (!keyIndex.get(key)) return false
    entries += 1
    if (entries % RECORDS_A_STEP === 0) onProgress()
  }
  return true
}

/**
 * The first commit whose key the index does not lead to, or to a later one of the same key. (One that leads to nothing
 * is of a key that was let go.)
 */
function keyNotIndexed(
  { keyEntries, keyIndex }: PartitionTables,
  unindexedFrom: number,
  onProgress: () => void,
): number | undefined {
  for (const { key: seq, value } of keyEntries.entries()) {
    if (seq >= unindexedFrom) return undefined
    const { scopedKey } = decodeKeyEntry(value)
    const indexed = indexedSeqOf(keyIndex, scopedKey)
    if (indexed === undefined || indexed < seq) return seq
    if (indexed > seq) {
      const later = keyEntries.get(indexed)
      if (!later || decodeKeyEntry(later).scopedKey !== scopedKey) return seq
    }
    if (seq % RECORDS_A_STEP === 0) onProgress()
  }
  return undefined
}

function textIn(bytes: Uint8Array | undefined): string | undefined {
  return bytes && Buffer.from(bytes).toString('latin1')
}
