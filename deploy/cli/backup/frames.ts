import type { NewRecord } from '@micropay/event-log/event-log'

/** A record of a backup: which partition it is of, and its key and value byte for byte. */
export type Framed = { readonly partition: number; readonly record: NewRecord }

/**
 * One record behind the other, without anything between: the partition, the length of the key and that of the value,
 * each as four bytes, the highest first; then the key as UTF-8, and the value.
 */
export function frame({ partition, record: { key, value } }: Framed): Buffer {
  const keyBytes = Buffer.byteLength(key)
  const framed = Buffer.allocUnsafe(HEAD_BYTES + keyBytes + value.byteLength)
  framed.writeUInt32BE(partition, 0)
  framed.writeUInt32BE(keyBytes, 4)
  framed.writeUInt32BE(value.byteLength, 8)
  framed.write(key, HEAD_BYTES)
  framed.set(value, HEAD_BYTES + keyBytes)
  return framed
}

/** Throws FrameError where the bytes are no frames, or end within one. */
export async function* readFrames(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<readonly Framed[]> {
  let rest = Buffer.alloc(0)
  for await (const chunk of chunks) {
    const bytes = rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([rest, chunk])
    const found: Framed[] = []
    let at = 0
    for (let end = endOfFrame(bytes, at); end !== undefined && end <= bytes.length; end = endOfFrame(bytes, at)) {
      found.push(unframe(bytes.subarray(at, end)))
      at = end
    }
    rest = bytes.subarray(at)
    if (found.length > 0) yield found
  }
  if (rest.length > 0) throw new FrameError('it ends within a record')
}

export class FrameError extends Error {}

const HEAD_BYTES = 12
/** No record is as large: a length beyond is one that was changed, and is not waited for. */
const MOST_BYTES = 64 * 1024 * 1024

/** Undefined where the lengths have not come yet. */
function endOfFrame(bytes: Buffer, at: number): number | undefined {
  if (bytes.length < at + HEAD_BYTES) return undefined
  const [keyBytes, valueBytes] = [bytes.readUInt32BE(at + 4), bytes.readUInt32BE(at + 8)]
  if (keyBytes + valueBytes > MOST_BYTES) throw new FrameError('a record in it has a length that none has')
  return at + HEAD_BYTES + keyBytes + valueBytes
}

function unframe(framed: Buffer): Framed {
  const value = HEAD_BYTES + framed.readUInt32BE(4)
  const key = framed.toString('utf8', HEAD_BYTES, value)
  return { partition: framed.readUInt32BE(0), record: { key, value: framed.subarray(value) } }
}
