import { gunzipSync } from 'node:zlib'
import { LogError, type LogRecord } from '../event-log.ts'

/**
 * Reads what a fetch brings: batches of records, whose keys and values are cut out only for whoever asks. Walking over
 * a record takes a tenth of what kafkajs takes to decode it, and all readers decode all of a ledger.
 * https://kafka.apache.org/documentation/#recordbatch
 */
export function readRecordBatches(bytes: Buffer, from: bigint): ReadBatches {
  const records: LogRecord[] = []
  let start = 0
  while (bytes.byteLength - start >= BATCH_HEADER_BYTES) {
    const end = start + LENGTH_END + bytes.readInt32BE(start + LENGTH_AT)
    // A broker cuts the answer where it has sent as many bytes as were asked for.
    if (end > bytes.byteLength) break
    const batch = bytes.subarray(start, end)
    if (batch.byteLength < BATCH_HEADER_BYTES) throw brokenBatch(bytes.readBigInt64BE(start))
    checkFormat(batch)
    if (isControl(batch)) return { records, controlAt: baseOffsetOf(batch) }
    addRecords(records, batch, from)
    start = end
  }
  return { records, controlAt: undefined }
}

export type ReadBatches = {
  /** Those at the offset asked for and behind it: a batch is answered whole, with what stands before. */
  readonly records: readonly LogRecord[]
  /** The offset of the mark of a Kafka transaction, behind which nothing was read. */
  readonly controlAt: bigint | undefined
}

/** Where the fields of a batch stand, and where its records begin. */
const LENGTH_AT = 8
const LENGTH_END = 12
const MAGIC_AT = 16
const ATTRIBUTES_AT = 21
const COUNT_AT = 57
const BATCH_HEADER_BYTES = 61

const MAGIC = 2
const COMPRESSION_MASK = 0x07
const CONTROL_FLAG = 0x20
const NOT_COMPRESSED = 0
const GZIP = 1

function checkFormat(batch: Buffer): void {
  const magic = batch.readInt8(MAGIC_AT)
  if (magic === MAGIC) return
  throw new LogError(
    'log_mismatch',
    `offset ${baseOffsetOf(batch)} is in message format ${magic}, from before Kafka 0.11`,
  )
}

function isControl(batch: Buffer): boolean {
  return (batch.readInt16BE(ATTRIBUTES_AT) & CONTROL_FLAG) !== 0
}

function baseOffsetOf(batch: Buffer): bigint {
  return batch.readBigInt64BE(0)
}

function addRecords(records: LogRecord[], batch: Buffer, from: bigint): void {
  const base = baseOffsetOf(batch)
  const bytes = recordsOf(batch)
  const cursor = { bytes, at: 0 }
  for (let count = batch.readInt32BE(COUNT_AT); count > 0; count -= 1) {
    const length = nextVarint(cursor)
    const end = cursor.at + length
    if (length < 0 || end > bytes.byteLength) throw brokenBatch(base)
    // Attributes, which no version uses.
    cursor.at += 1
    skipVarint(cursor)
    const offset = base + BigInt(nextVarint(cursor))
    if (offset >= from) {
      const keyLength = nextVarint(cursor)
      const keyAt = cursor.at
      cursor.at += Math.max(0, keyLength)
      const valueLength = nextVarint(cursor)
      if (cursor.at + Math.max(0, valueLength) > end) throw brokenBatch(base)
      records.push(new FetchedRecord(offset, bytes, keyAt, keyLength, cursor.at, valueLength, end))
    }
    cursor.at = end
  }
}

function brokenBatch(base: bigint, cause?: unknown): LogError {
  return new LogError('log_mismatch', `the batch of records at offset ${base} is broken`, { cause })
}

/**
 * kafkajs, which writes the ledger, compresses nothing; a topic of another `compression.type` is compressed by its
 * brokers.
 */
function recordsOf(batch: Buffer): Buffer {
  const compression = batch.readInt16BE(ATTRIBUTES_AT) & COMPRESSION_MASK
  const bytes = batch.subarray(BATCH_HEADER_BYTES)
  if (compression === NOT_COMPRESSED) return bytes
  if (compression === GZIP) {
    try {
      return gunzipSync(bytes)
    } catch (cause) {
      throw brokenBatch(baseOffsetOf(batch), cause)
    }
  }
  const reason = `offset ${baseOffsetOf(batch)} is compressed in a way that is not read here: set the topic's compression.type to producer or gzip`
  throw new LogError('log_mismatch', reason)
}

class FetchedRecord implements LogRecord {
  readonly offset: bigint
  readonly #bytes: Buffer
  readonly #keyAt: number
  readonly #keyLength: number
  readonly #valueAt: number
  readonly #valueLength: number
  readonly #end: number
  #value: Uint8Array | undefined

  // Many are made, of which each is a little memory: an object of places would be twice as much.
  constructor(
    offset: bigint,
    bytes: Buffer,
    keyAt: number,
    keyLength: number,
    valueAt: number,
    valueLength: number,
    end: number,
  ) {
    this.offset = offset
    this.#bytes = bytes
    this.#keyAt = keyAt
    this.#keyLength = keyLength
    this.#valueAt = valueAt
    this.#valueLength = valueLength
    this.#end = end
  }

  get key(): string {
    return this.#bytes.toString('utf8', this.#keyAt, this.#keyAt + Math.max(0, this.#keyLength))
  }

  get value(): Uint8Array {
    this.#value ??= this.#bytes.subarray(this.#valueAt, this.#valueAt + Math.max(0, this.#valueLength))
    return this.#value
  }

  get traceparent(): string | undefined {
    return headerOf(this.#bytes.subarray(this.#valueAt + Math.max(0, this.#valueLength), this.#end), 'traceparent')
  }
}

/** Of the headers of a record, the one of that name; of several the first. Undefined where they are broken. */
function headerOf(bytes: Buffer, name: string): string | undefined {
  const cursor = { bytes, at: 0 }
  for (let count = nextVarint(cursor); count > 0 && cursor.at < bytes.byteLength; count -= 1) {
    const key = nextText(cursor)
    const value = nextText(cursor)
    if (key === name) return value
  }
  return undefined
}

function nextText(cursor: Cursor): string {
  const length = Math.max(0, nextVarint(cursor))
  const from = cursor.at
  cursor.at += length
  return cursor.bytes.toString('utf8', from, cursor.at)
}

type Cursor = { readonly bytes: Buffer; at: number }

/**
 * A signed number of at most 32 bits, zigzag in groups of seven.
 * https://protobuf.dev/programming-guides/encoding/#signed-ints
 */
function nextVarint(cursor: Cursor): number {
  let value = 0
  for (let shift = 0; shift < 35; shift += 7) {
    const byte = cursor.bytes[cursor.at] ?? 0
    cursor.at += 1
    value |= (byte & 0x7f) << shift
    if (byte < 0x80) break
  }
  return (value >>> 1) ^ -(value & 1)
}

function skipVarint(cursor: Cursor): void {
  while ((cursor.bytes[cursor.at] ?? 0) >= 0x80) cursor.at += 1
  cursor.at += 1
}
