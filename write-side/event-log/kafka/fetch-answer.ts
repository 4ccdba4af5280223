import protocol from 'kafkajs/src/protocol/error.js'

/**
 * The one partition of an answer to a fetch, its records left as they are: kafkajs would decode each with its headers,
 * which takes longer than all else of a fetch. Version 11, which brokers speak since Kafka 2.3:
 * https://kafka.apache.org/protocol#The_Messages_Fetch
 */
export function readFetchAnswer(payload: Buffer): FetchAnswer {
  const clientSideThrottleTime = payload.readInt32BE(0)
  const failed = payload.readInt16BE(4)
  const topics = payload.readInt32BE(10)
  // A broker that throttles answers without an error, and with no topic.
  if (failed !== 0 || topics === 0) {
    return { clientSideThrottleTime, errorCode: failed, highWatermark: undefined, recordSet: payload.subarray(0, 0) }
  }
  // Behind the topic's name and the count of its partitions.
  const partitionAt = 16 + payload.readInt16BE(14) + 4
  const errorCode = payload.readInt16BE(partitionAt + 4)
  const highWatermark = errorCode === 0 ? payload.readBigInt64BE(partitionAt + 6) : undefined
  const abortedAt = partitionAt + 30
  const sizeAt = abortedAt + 4 + 16 * Math.max(0, payload.readInt32BE(abortedAt)) + 4
  const size = Math.max(0, payload.readInt32BE(sizeAt))
  return {
    clientSideThrottleTime,
    errorCode,
    highWatermark,
    recordSet: payload.subarray(sizeAt + 4, sizeAt + 4 + size),
  }
}

export type FetchAnswer = {
  /** kafkajs waits for so many milliseconds where a broker asks for it. */
  readonly clientSideThrottleTime: number
  readonly errorCode: number
  /** The offset behind the last record; undefined where the broker does not say. */
  readonly highWatermark: bigint | undefined
  readonly recordSet: Buffer
}

/** Throws what kafkajs throws for the error that a broker answers. */
export function throwFailed(answer: FetchAnswer): FetchAnswer {
  if (answer.errorCode !== 0) throw protocol.createErrorFromCode(answer.errorCode)
  return answer
}
