import protocol from 'kafkajs/src/protocol/error.js'

/**
 * The partitions of an answer to a fetch from one topic, their records left as they are: kafkajs would decode each with
 * its headers, which takes longer than all else of a fetch. None where the broker throttles. Throws what kafkajs throws
 * for an error of the whole answer. Version 11: https://kafka.apache.org/protocol#The_Messages_Fetch
 */
export function readFetchAnswer(payload: Buffer): FetchAnswer {
  const throttleMs = payload.readInt32BE(0)
  const failed = payload.readInt16BE(4)
  if (failed !== 0) throw protocol.createErrorFromCode(failed)
  const partitions = new Map<number, PartitionAnswer>()
  const topics = payload.readInt32BE(10)
  if (topics === 0) return { throttleMs, partitions }
  const countAt = 16 + payload.readInt16BE(14)
  let at = countAt + 4
  for (let left = payload.readInt32BE(countAt); left > 0; left -= 1) {
    const errorCode = payload.readInt16BE(at + 4)
    const abortedAt = at + 30
    const sizeAt = abortedAt + 4 + 16 * Math.max(0, payload.readInt32BE(abortedAt)) + 4
    const end = sizeAt + 4 + Math.max(0, payload.readInt32BE(sizeAt))
    partitions.set(payload.readInt32BE(at), {
      error: errorCode === 0 ? undefined : protocol.createErrorFromCode(errorCode),
      highWatermark: payload.readBigInt64BE(at + 6),
      recordSet: payload.subarray(sizeAt + 4, end),
    })
    at = end
  }
  return { throttleMs, partitions }
}

export type FetchAnswer = {
  /** How long a pause the broker asks for in front of the next request. */
  readonly throttleMs: number
  readonly partitions: ReadonlyMap<number, PartitionAnswer>
}

export type PartitionAnswer = {
  /** As kafkajs knows it. */
  readonly error: Error | undefined
  /** The offset behind the last record. */
  readonly highWatermark: bigint
  readonly recordSet: Buffer
}
