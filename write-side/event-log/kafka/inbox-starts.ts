import type { Clock } from '@micropay/runtime/clock'
import { gathered } from '@micropay/runtime/gathered'
import type { BrokerConnection } from './broker-connection.ts'
import type { BrokerAddress } from './broker-socket.ts'
import { endsFrom, offsetsFrom } from './fetch.ts'

/**
 * Where the readers of partitions begin: a moment before now. A broker is asked once for all who come together, since a
 * process that starts has a thousand partitions.
 */
export function createStarts({ topic, clock, leaderOf, atBroker, onAstray }: StartsOptions): Starts {
  const brokers = new Map<string, (partition: number) => Promise<bigint | Error | undefined>>()
  const startsAt = (broker: BrokerAddress) => {
    const name = `${broker.host}:${broker.port}`
    const starts =
      brokers.get(name) ??
      gathered(clock, (partitions: readonly number[]) =>
        atBroker(broker, (connection) => startsFrom(connection, topic, partitions, clock.nowMs())),
      )
    brokers.set(name, starts)
    return starts
  }
  return async (partition) => {
    const start = await startsAt(await leaderOf(partition))(partition)
    if (typeof start === 'bigint') return start
    onAstray()
    throw start ?? new Error(`the broker did not say where partition ${partition} ends`)
  }
}

/** The offset where a reader of the partition begins. Throws what Kafka answers, as kafkajs knows it. */
export type Starts = (partition: number) => Promise<bigint>

export type StartsOptions = {
  readonly topic: string
  readonly clock: Clock
  readonly leaderOf: (partition: number) => Promise<BrokerAddress>
  readonly atBroker: <Result>(
    broker: BrokerAddress,
    work: (connection: BrokerConnection) => Promise<Result>,
  ) => Promise<Result>
  /** A broker leads a partition no more. */
  readonly onAstray: () => void
}

/** Who takes a partition over hears what was meant for who had it before. */
const BEFORE_MS = 3_000

async function startsFrom(
  connection: BrokerConnection,
  topic: string,
  partitions: readonly number[],
  nowMs: number,
): Promise<ReadonlyMap<number, bigint | Error>> {
  // In this order: what comes in between is behind both.
  const ends = await endsFrom(connection, topic, partitions)
  const starts = await offsetsFrom(connection, topic, partitions, nowMs - BEFORE_MS)
  return new Map(
    [...starts].map(([partition, start]) => [partition, start === -1n ? (ends.get(partition) ?? start) : start]),
  )
}
