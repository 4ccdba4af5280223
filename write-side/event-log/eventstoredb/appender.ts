import assert from 'node:assert/strict'
import { ANY, binaryEvent, type EventStoreDBClient } from '@eventstore/db-client'
import type { Clock } from '@micropay/runtime/clock'
import { type Appended, type Appender, digestOf, LogError, missingRecord, type NewRecord } from '../event-log.ts'
import { appendUnknown } from '../outage.ts'
import type { Connection } from './client.ts'
import type { Connections } from './connections.ts'
import { splitByBytes } from './split-by-bytes.ts'
import { eventId, RECORD_TYPE, readEvents, recordOf } from './streams.ts'

/**
 * Appends to one partition, each append on a connection that nobody else has meanwhile; one whose append failed is used
 * no more, and neither is the appender.
 *
 * An append is one atomic write of the server. One that is larger than a write may be is several, each behind the one
 * before and only there: where somebody else came in between, the rest is not written, and it is torn. Whatever the
 * server is asked to write has ids of its own: it takes an id that it has for a repetition, and answers where that
 * stands. What it took it is asked for, since it answers neither its time nor what stands in front.
 */
export function openEventStoreAppender(options: EventStoreAppenderOptions): Appender {
  const { appending, partition, timeoutMs } = options
  let broken: Error | undefined
  let inUse: Connection | undefined
  return {
    append: async (records) => {
      assert(records.length > 0, 'an append holds at least one record')
      try {
        if (broken) throw broken
        return await appending.alone(timeoutMs, async (connection) => {
          if (broken) throw broken
          inUse = connection
          const writes = splitByBytes(records, options.mostBytes, sizeOf)
          const first = await writeAll(connection, options, writes)
          return connection.use(timeoutMs, (client) => confirm(client, options, first))
        })
      } catch (cause) {
        broken ??= cause instanceof Error ? cause : new Error(String(cause))
        const isTruncated = cause instanceof LogError && cause.code === 'log_truncated'
        throw isTruncated ? cause : appendUnknown('EventStoreDB', partition, cause)
      } finally {
        inUse = undefined
      }
    },
    close: async () => {
      broken ??= new Error('the appender is closed')
      // What it waits for is not waited for any more.
      inUse?.renew()
    },
  }
}

export type EventStoreAppenderOptions = {
  readonly appending: Connections
  readonly stream: string
  readonly partition: number
  readonly timeoutMs: number
  /** What the server takes in one write. */
  readonly mostBytes: number
  readonly clock: Clock
}

const sizeOf = ({ key, value }: NewRecord) => value.byteLength + 3 * key.length

type Written = { readonly base: bigint; readonly id: string }

async function writeAll(
  connection: Connection,
  { stream, timeoutMs, clock }: EventStoreAppenderOptions,
  writes: readonly (readonly NewRecord[])[],
): Promise<Written> {
  let first: Written | undefined
  let last: bigint | undefined
  for (const records of writes) {
    const events = records.map(({ key, value }) =>
      binaryEvent({ id: eventId(clock), type: RECORD_TYPE, data: value, metadata: { key } }),
    )
    const { nextExpectedRevision } = await connection.use(timeoutMs, (client) =>
      client.appendToStream(stream, events, {
        ...{ expectedRevision: last ?? ANY, requiresLeader: true, deadline: timeoutMs },
      }),
    )
    last = nextExpectedRevision
    first ??= { base: last - BigInt(events.length) + 1n, id: events[0]?.id ?? '' }
  }
  assert(first)
  return first
}

/** What stands there now, and in front of it. Throws LogError `log_truncated` where it is something else. */
async function confirm(
  client: EventStoreDBClient,
  { stream, partition }: EventStoreAppenderOptions,
  { base, id }: Written,
): Promise<Appended> {
  const from = base === 0n ? 0n : base - 1n
  const events = (await readEvents(client, stream, from, Number(base - from) + 1)) ?? []
  const own = events.at(-1)
  const before = base === 0n ? undefined : events[0]
  if (own?.revision !== base || own.id !== id) throw missingRecord(partition, base)
  if (before !== undefined && before.revision !== from) throw missingRecord(partition, from)
  const behind = before === undefined ? undefined : digestOf(recordOf(before, partition).value)
  return { offset: base, storeMs: own.created.getTime(), behind }
}
