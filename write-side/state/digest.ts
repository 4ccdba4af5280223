import { hash } from 'node:crypto'

/**
 * A sum over records, whatever their order: SHA-256 of a secret key, the table, the key and the value, added up in
 * eight lanes of 32 bits. One record costs one hash to add or to take away, and who does not know the secret cannot
 * change a record and the sum so that they fit.
 */
export type Digest = {
  add(table: string, key: RecordKey, value: Uint8Array): void
  subtract(table: string, key: RecordKey, value: Uint8Array): void
  /** 32 bytes in base64url. */
  read(): string
}

export type RecordKey = string | number | Uint8Array

/** `from` is what `read` of another one answered: it goes on from there. */
export function createDigest(secret: Uint8Array, from?: string): Digest {
  const sum = new Uint32Array(LANES)
  if (from !== undefined) {
    const bytes = Buffer.from(from, 'base64url')
    for (let lane = 0; lane < LANES; lane += 1) sum[lane] = bytes.readUInt32LE(lane * 4)
  }
  return {
    add(table, key, value) {
      const hashed = hashOf(secret, table, key, value)
      for (let lane = 0; lane < LANES; lane += 1) sum[lane] = (sum[lane] as number) + laneOf(hashed, lane)
    },
    subtract(table, key, value) {
      const hashed = hashOf(secret, table, key, value)
      for (let lane = 0; lane < LANES; lane += 1) sum[lane] = (sum[lane] as number) - laneOf(hashed, lane)
    },
    read() {
      const bytes = Buffer.alloc(LANES * 4)
      for (let lane = 0; lane < LANES; lane += 1) bytes.writeUInt32LE(sum[lane] as number, lane * 4)
      return bytes.toString('base64url')
    },
  }
}

const LANES = 8

/** The four bytes of a lane, the lowest first. */
function laneOf(hashed: string, lane: number): number {
  const at = lane * 4
  return (
    hashed.charCodeAt(at) |
    (hashed.charCodeAt(at + 1) << 8) |
    (hashed.charCodeAt(at + 2) << 16) |
    (hashed.charCodeAt(at + 3) << 24)
  )
}

/**
 * 32 bytes as a text of as many characters, which takes a third of the time that a buffer does. Each part is preceded
 * by its length, so that no two records are the same bytes.
 */
function hashOf(secret: Uint8Array, table: string, key: RecordKey, value: Uint8Array): string {
  const most = secret.byteLength + 3 * (table.length + (typeof key === 'number' ? 8 : key.length)) + 8
  if (record.byteLength < most + value.byteLength) record = Buffer.alloc(2 * (most + value.byteLength))
  record.set(secret, 0)
  let end = secret.byteLength
  const tableBytes = record.write(table, end + 4)
  record.writeUInt32LE(tableBytes, end)
  end += 4 + tableBytes
  const keyBytes = writeKey(key, end + 4)
  record.writeUInt32LE(keyBytes, end)
  end += 4 + keyBytes
  record.set(value, end)
  return hash('sha256', record.subarray(0, end + value.byteLength), 'binary')
}

function writeKey(key: RecordKey, at: number): number {
  if (typeof key === 'string') return record.write(key, at)
  if (typeof key === 'number') return record.writeDoubleLE(key, at) - at
  record.set(key, at)
  return key.byteLength
}

/** Used again for each record: one of its own would be garbage at once. */
let record = Buffer.alloc(4096)
