import type { BrokerRequest } from './broker-connection.ts'

/**
 * Asks for the records of many partitions of one topic, in their order, as a consumer of no group. kafkajs would write
 * each partition into a buffer of its own. Version 11: https://kafka.apache.org/protocol#The_Messages_Fetch
 */
export function fetchRequest(topic: string, wanted: readonly WantedRecords[], limits: FetchLimits): BrokerRequest {
  return { apiKey: FETCH, apiVersion: 11, encode: async () => ({ buffer: encode(topic, wanted, limits) }) }
}

export type WantedRecords = {
  readonly partition: number
  readonly from: bigint
  /** One batch of the first partition that has something is answered however many bytes it has. */
  readonly maxBytes: number
}

export type FetchLimits = {
  /** Where nothing stands behind any `from`, the broker waits for so long. */
  readonly maxWaitMs: number
  /** Of all partitions. */
  readonly maxBytes: number
}

const FETCH = 1
const A_CONSUMER = -1
const READ_UNCOMMITTED = 0
/** Each request stands for itself. */
const NO_SESSION = -1
const ANY_LEADER_EPOCH = -1
const NO_START = -1n

const HEAD_BYTES = 35
const PARTITION_BYTES = 28
const TAIL_BYTES = 6

function encode(topic: string, wanted: readonly WantedRecords[], { maxWaitMs, maxBytes }: FetchLimits): Buffer {
  const name = Buffer.from(topic)
  const bytes = Buffer.alloc(HEAD_BYTES + name.byteLength + wanted.length * PARTITION_BYTES + TAIL_BYTES)
  let at = bytes.writeInt32BE(A_CONSUMER)
  at = bytes.writeInt32BE(maxWaitMs, at)
  const leastBytes = 1
  at = bytes.writeInt32BE(leastBytes, at)
  at = bytes.writeInt32BE(maxBytes, at)
  at = bytes.writeInt8(READ_UNCOMMITTED, at)
  const sessionId = 0
  at = bytes.writeInt32BE(sessionId, at)
  at = bytes.writeInt32BE(NO_SESSION, at)
  const topics = 1
  at = bytes.writeInt32BE(topics, at)
  at = bytes.writeInt16BE(name.byteLength, at)
  at += name.copy(bytes, at)
  at = bytes.writeInt32BE(wanted.length, at)
  for (const { partition, from, maxBytes: most } of wanted) {
    at = bytes.writeInt32BE(partition, at)
    at = bytes.writeInt32BE(ANY_LEADER_EPOCH, at)
    at = bytes.writeBigInt64BE(from, at)
    at = bytes.writeBigInt64BE(NO_START, at)
    at = bytes.writeInt32BE(most, at)
  }
  // No topics to forget, and no rack: zeros, as they stand there.
  return bytes
}
