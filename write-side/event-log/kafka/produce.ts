import protocol from 'kafkajs/src/protocol/error.js'
import produceRequest from 'kafkajs/src/protocol/requests/produce/v7/request.js'
import produceResponse from 'kafkajs/src/protocol/requests/produce/v7/response.js'
import type { Appended, NewRecord } from '../event-log.ts'
import type { BrokerConnection } from './broker-connection.ts'

/**
 * Appends the records as one batch, and answers once every copy in step has it. It is sent once and not numbered: an
 * idempotent producer can swallow a batch after a failed send, and would not know its true offset. Throws what the
 * broker answered.
 */
export async function produceTo(
  connection: BrokerConnection,
  { topic, partition, timeoutMs }: { readonly topic: string; readonly partition: number; readonly timeoutMs: number },
  records: readonly NewRecord[],
): Promise<Appended> {
  const messages = records.map(({ key, value, traceparent }) =>
    traceparent === undefined
      ? { key, value: bufferOf(value) }
      : { key, value: bufferOf(value), headers: { traceparent } },
  )
  const topicData = [{ topic, partitions: [{ partition, messages }] }]
  const payload = await connection.ask(produceRequest({ acks: ALL_IN_STEP, timeout: timeoutMs, topicData }))
  const { clientSideThrottleTime, topics } = await produceResponse.decode(payload)
  if (clientSideThrottleTime > 0) connection.rest(clientSideThrottleTime)
  const answer = topics[0]?.partitions[0]
  if (answer && answer.errorCode !== 0) throw protocol.createErrorFromCode(answer.errorCode)
  if (answer?.partition !== partition) throw new Error('the answer has no offset')
  return { offset: BigInt(answer.baseOffset), storeMs: storeMsOf(answer.logAppendTime) }
}

const ALL_IN_STEP = -1

/** -1 where the topic keeps the times that producers give: then the broker's clock is not told. */
function storeMsOf(logAppendTime: string): number | undefined {
  const storeMs = Number(logAppendTime)
  return storeMs < 0 ? undefined : storeMs
}

/** The same bytes as the Buffer that kafkajs wants, without a copy. */
export function bufferOf(value: Uint8Array): Buffer {
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength)
}
