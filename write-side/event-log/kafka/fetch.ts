import protocol from 'kafkajs/src/protocol/error.js'
import listOffsetsRequest from 'kafkajs/src/protocol/requests/listOffsets/v2/request.js'
import listOffsetsResponse from 'kafkajs/src/protocol/requests/listOffsets/v2/response.js'
import { LogError, type LogRecord } from '../event-log.ts'
import type { BrokerConnection } from './broker-connection.ts'
import { type PartitionAnswer, readFetchAnswer } from './fetch-answer.ts'
import { type FetchLimits, fetchRequest, type WantedRecords } from './fetch-request.ts'
import { readRecordBatches } from './record-batches.ts'

/**
 * What the leader of these partitions has of them, some of them left out where it throttles. kafkajs offers that to
 * members of consumer groups alone, and a reader of partitions wants no group: joining one takes longer than most
 * reads, and leaves something behind at the broker.
 */
export async function fetchFrom(
  connection: BrokerConnection,
  topic: string,
  wanted: readonly WantedRecords[],
  limits: FetchLimits,
): Promise<ReadonlyMap<number, PartitionAnswer>> {
  const { throttleMs, partitions } = readFetchAnswer(await connection.ask(fetchRequest(topic, wanted, limits)))
  if (throttleMs > 0) connection.rest(throttleMs)
  return partitions
}

/** Of one partition. */
export type Fetcher = {
  /**
   * Some of the records from that offset on, and the offset behind the last that there is, or `from` where the broker
   * does not say. At the end it waits for about half a second, and then answers none. Answers one batch of the topic at
   * least, however many bytes that has. Throws what Kafka answers, as kafkajs knows it. One at a time.
   */
  fetch(from: bigint, maxBytes: number): Promise<Fetched>
  /** Nobody waits for it any more. */
  leave(): void
}

/** `end` is the offset behind the last record that there is, or `from` where the broker does not say. */
export type Fetched = { readonly records: readonly LogRecord[]; readonly end: bigint }

/** Throws what the broker answered, and LogError `log_mismatch` for what is no record of a ledger. */
export function fetchedOf(answer: PartitionAnswer | undefined, from: bigint): Fetched {
  if (!answer) return { records: [], end: from }
  if (answer.error) throw answer.error
  const { records, controlAt } = readRecordBatches(answer.recordSet, from)
  // What stands before the mark is handed out first: whoever reads stops at the mark itself.
  if (controlAt !== undefined && records.length === 0) {
    const reason = `offset ${controlAt} marks the end of a Kafka transaction`
    throw new LogError('log_mismatch', `${reason}: nothing else may write to the ledger's topic`)
  }
  return { records, end: answer.highWatermark }
}

/** The offset behind the last record of each partition, as its leader knows it, or why it does not. */
export function endsFrom(
  connection: BrokerConnection,
  topic: string,
  partitions: readonly number[],
): Promise<ReadonlyMap<number, bigint | Error>> {
  return offsetsFrom(connection, topic, partitions, THE_END)
}

/**
 * Of each partition the offset of the first record that is not older than a time, in milliseconds since 1970; -1 where
 * there is none.
 */
export async function offsetsFrom(
  connection: BrokerConnection,
  topic: string,
  partitions: readonly number[],
  timestamp: number,
): Promise<ReadonlyMap<number, bigint | Error>> {
  const wanted = { topic, partitions: partitions.map((partition) => ({ partition, timestamp })) }
  const request = listOffsetsRequest({ replicaId: -1, isolationLevel: 0, topics: [wanted] })
  const { throttleTime, responses } = await listOffsetsResponse.decode(await connection.ask(request))
  if (throttleTime > 0) connection.rest(throttleTime)
  const answers = responses.flatMap((response) => response.partitions)
  return new Map(
    answers.map(({ partition, errorCode, offset }) => [
      partition,
      errorCode === 0 ? BigInt(offset) : protocol.createErrorFromCode(errorCode),
    ]),
  )
}

const THE_END = -1
