import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { createDigest, type RecordKey } from '../digest.ts'
import {
  DIGEST,
  decodeValue,
  encodeValue,
  META,
  openPartitionTables,
  type PartitionTables,
} from '../partition-tables.ts'
import type { Table, Tables } from '../tables.ts'

/**
 * All records of a state as blocks: the length of each in four bytes, the lowest first, and that many of Zstandard, of
 * MessagePack: the name of a table, and keys and values in turn, in the order of the keys. To be read in one turn, so
 * that all blocks are of the same moment.
 */
export function* blocksOf(tables: Tables): Generator<Uint8Array> {
  const opened = openPartitionTables(tables)
  for (const [name, table] of tablesIn(opened)) {
    let [records, bytes]: [(RecordKey | Uint8Array)[], number] = [[], 0]
    for (const { key, value } of table.entries()) {
      if (table === opened.meta && key === DIGEST) continue
      records.push(typeof key === 'object' ? Buffer.from(key) : key, Buffer.from(value))
      bytes += value.byteLength
      if (bytes < BLOCK_BYTES && records.length < BLOCK_ITEMS) continue
      yield blockOf(name, records)
      ;[records, bytes] = [[], 0]
    }
    if (records.length > 0) yield blockOf(name, records)
  }
}

const BLOCK_BYTES = 1 << 20
/** Two of each record. */
const BLOCK_ITEMS = 16_384
/** One value may be much longer than a block. */
const MOST_BLOCK_BYTES = 256 << 20

function blockOf(name: string, records: readonly (RecordKey | Uint8Array)[]): Uint8Array {
  const packed = zstdCompressSync(encodeValue([name, ...records]))
  const block = Buffer.allocUnsafe(4 + packed.byteLength)
  block.writeUInt32LE(packed.byteLength)
  block.set(packed, 4)
  return block
}

/** By its name in a snapshot. What holds the mark comes last. */
function tablesIn({ states, keyEntries, keyIndex, foldMarks, meta }: PartitionTables): Map<string, AnyTable> {
  const others = { 'key-entries': keyEntries, 'key-index': keyIndex, 'fold-marks': foldMarks, [META]: meta }
  return new Map<string, AnyTable>([...states, ...Object.entries(others)])
}

type AnyTable = Table<string> | Table<number> | Table<Uint8Array>

/**
 * Puts what `blocksOf` made blocks of into empty tables, block by block, with a digest of `digestKey`, which it
 * returns. Throws RangeError where they are no blocks of a state.
 */
export async function putBlocks(
  tables: Tables,
  digestKey: Uint8Array,
  blocks: AsyncIterable<Uint8Array>,
): Promise<string> {
  const opened = openPartitionTables(tables)
  const byName = tablesIn(opened)
  const digest = createDigest(digestKey)
  for await (const several of inTransactions(blocks)) {
    await tables.transaction(() => {
      for (const block of several) putBlock(block)
    })
  }
  await tables.transaction(() => opened.meta.put(DIGEST, Buffer.from(digest.read())))
  return digest.read()

  function putBlock(block: Uint8Array): void {
    const [name, ...records] = decodeValue(block) as [string, ...(RecordKey | Uint8Array)[]]
    const table = byName.get(name) as Table<RecordKey> | undefined
    if (!table) throw new RangeError(`there is no table ${name}`)
    const isDigested = name !== 'key-index'
    for (let at = 0; at < records.length; at += 2) {
      const [key, value] = [records[at] as RecordKey, records[at + 1] as Uint8Array]
      if (isDigested) digest.add(name, key, value)
      table.put(key, value)
    }
  }
}

/** What waits for the disk once: a few blocks. */
async function* inTransactions(blocks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array[]> {
  let several: Uint8Array[] = []
  for await (const block of blocks) {
    several.push(block)
    if (several.length < BLOCKS_PER_TRANSACTION) continue
    yield several
    several = []
  }
  if (several.length > 0) yield several
}

const BLOCKS_PER_TRANSACTION = 16

/** The blocks of a state in the bytes of its content, decompressed. Throws RangeError where they are cut off. */
export async function* blocksIn(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let rest = Buffer.alloc(0)
  for await (const chunk of content) {
    rest = rest.byteLength === 0 ? Buffer.from(chunk) : Buffer.concat([rest, chunk])
    let at = 0
    while (rest.byteLength - at >= 4) {
      const end = at + 4 + rest.readUInt32LE(at)
      if (rest.byteLength < end) break
      yield zstdDecompressSync(rest.subarray(at + 4, end), { maxOutputLength: MOST_BLOCK_BYTES })
      at = end
    }
    rest = rest.subarray(at)
  }
  if (rest.byteLength > 0) throw new RangeError('the content ends within a block')
}
