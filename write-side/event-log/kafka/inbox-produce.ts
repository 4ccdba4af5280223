import protocol from 'kafkajs/src/protocol/error.js'
import produceRequest from 'kafkajs/src/protocol/requests/produce/v7/request.js'
import produceResponse from 'kafkajs/src/protocol/requests/produce/v7/response.js'
import type { InboxMessage } from '../inbox.ts'
import type { BrokerConnection } from './broker-connection.ts'
import { bufferOf } from './produce.ts'

/**
 * Messages for partitions that one broker leads, in one request, answered once it has them itself: a copy in step takes
 * longer, and what is lost with the broker is asked for again. Throws the first thing that the broker refused.
 */
export async function produceMessages(
  connection: BrokerConnection,
  { topic, timeoutMs }: { readonly topic: string; readonly timeoutMs: number },
  messages: readonly InboxMessage[],
): Promise<void> {
  const partitions = [...Map.groupBy(messages, ({ partition }) => partition)].map(([partition, some]) => ({
    partition,
    messages: some.map(({ value }) => ({ key: '', value: bufferOf(value) })),
  }))
  const request = produceRequest({ acks: LEADER_ALONE, timeout: timeoutMs, topicData: [{ topic, partitions }] })
  const { clientSideThrottleTime, topics } = await produceResponse.decode(await connection.ask(request))
  if (clientSideThrottleTime > 0) connection.rest(clientSideThrottleTime)
  const answers = topics.flatMap((answer) => answer.partitions)
  const failed = answers.find(({ errorCode }) => errorCode !== 0)
  if (failed) throw protocol.createErrorFromCode(failed.errorCode)
  if (answers.length !== partitions.length) throw new Error('the broker did not answer for all partitions')
}

const LEADER_ALONE = 1
