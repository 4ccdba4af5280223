import assert from 'node:assert/strict'
import type { Clock } from '@micropay/runtime/clock'
import { type Appended, type Appender, LogError, type NewRecord } from '../event-log.ts'
import { appendUnknown, unavailable } from '../outage.ts'
import type { BrokerConnection } from './broker-connection.ts'
import { produceTo } from './produce.ts'

/**
 * Appends to one partition, each append one Kafka batch on a connection that nobody else has meanwhile; one whose
 * append failed is used no more, and neither is the appender.
 *
 * Kafka does not say what stands in front of an append. A topic that is lost and made again under an appender fails
 * what is on its way, so it is only after a pause that another record may stand there: then it is read.
 */
export async function openKafkaAppender(options: KafkaAppenderOptions): Promise<Appender> {
  const { atLeader, topic, partition, requestTimeoutMs, pauseMs = 100, clock, digestAt } = options
  let broken: Error | undefined
  let appending: BrokerConnection | undefined
  let answeredMs: number | undefined
  const send = async (records: readonly NewRecord[]): Promise<Appended> => {
    if (broken) throw broken
    const isAfterPause = answeredMs !== undefined && clock.monotonicMs() - answeredMs >= pauseMs
    const appended = await atLeader(partition, async (connection) => {
      if (broken) throw broken
      appending = connection
      return produceTo(connection, { topic, partition, timeoutMs: requestTimeoutMs }, records)
    })
    const { offset } = appended
    const behind = isAfterPause && offset > 0n ? await digestAt(offset - 1n) : undefined
    answeredMs = clock.monotonicMs()
    return { ...appended, behind }
  }
  await reached(options)
  return {
    append: async (records) => {
      assert(records.length > 0, 'an append holds at least one record')
      try {
        return await send(records)
      } catch (cause) {
        broken ??= cause instanceof Error ? cause : new Error(String(cause))
        throw appendUnknown('Kafka', partition, cause)
      } finally {
        appending = undefined
      }
    },
    close: async () => {
      broken ??= new Error('this appender is closed')
      // What it waits for is not waited for any more.
      appending?.close()
    },
  }
}

export type KafkaAppenderOptions = {
  /** Does some work on a connection to the partition's leader, which is closed where the work fails. */
  readonly atLeader: AtLeader
  /** Asks anew who leads what. */
  readonly renew: () => Promise<void>
  readonly topic: string
  readonly partition: number
  readonly requestTimeoutMs: number
  /** Since the last answer: an append after that long has the record in front of it read. */
  readonly pauseMs?: number | undefined
  readonly clock: Clock
  /** `digestOf` the value of the record at an offset. Throws LogError. */
  readonly digestAt: (offset: bigint) => Promise<string>
}

export type AtLeader = <Result>(
  partition: number,
  work: (connection: BrokerConnection) => Promise<Result>,
) => Promise<Result>

/** Who leads may have changed since it was asked for last. */
async function reached({ atLeader, renew, partition }: KafkaAppenderOptions): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await atLeader(partition, async () => undefined)
    } catch (cause) {
      if (attempt === ATTEMPTS || cause instanceof LogError) throw unavailable('Kafka', cause)
      await renew()
    }
  }
}

const ATTEMPTS = 3
