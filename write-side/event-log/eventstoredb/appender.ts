import assert from 'node:assert/strict'
import type { Appended, Appender, NewRecord } from '../event-log.ts'
import { appendUnknown } from '../outage.ts'
import type { Connection } from './client.ts'
import type { Connections } from './connections.ts'
import { readBack } from './read-back.ts'
import { leftOf, type WriteOptions, type Written, writeAll } from './write-all.ts'

/**
 * Appends to one partition, each append on a connection that nobody else has meanwhile; one whose append failed is used
 * no more, and neither is the appender.
 *
 * The server answers neither its time nor what stands in front. That the record before is the one that was appended
 * last it proves by its revision, as long as nobody had the time to restore the log to an older state and to let it
 * grow again: after a pause what was appended is read back, and so it is where somebody else wrote in between. So it is
 * once a second besides, for the server's clock, which goes on by the monotonic one meanwhile.
 */
export function openEventStoreAppender(options: EventStoreAppenderOptions): Appender {
  const { appending, partition, timeoutMs, clock, pauseMs = 100 } = options
  let broken: Error | undefined
  let inUse: Connection | undefined
  let before: Before | undefined

  async function appendOn(connection: Connection, records: readonly NewRecord[], byMs: number): Promise<Appended> {
    const sentMs = clock.monotonicMs()
    const written = await writeAll(connection, options, { records, expected: before?.last, byMs })
    const answeredMs = clock.monotonicMs()
    const isProven = before !== undefined && written.isBehindExpected && answeredMs - before.answeredMs < pauseMs
    if (before && isProven && answeredMs - before.readMs < READ_EVERY_MS) {
      before = { ...before, last: written.last, answeredMs }
      return { offset: written.base, storeMs: Math.floor(before.storeMs + sentMs - before.readMs) }
    }
    const appended = await connection.use(leftOf(byMs, clock), (client) => readBack(client, options, written))
    before = { last: written.last, answeredMs, storeMs: appended.storeMs, readMs: answeredMs }
    return appended
  }
  return {
    append: async (records) => {
      assert(records.length > 0, 'an append holds at least one record')
      try {
        if (broken) throw broken
        await options.mustKeep()
        return await appending.alone(timeoutMs, async (connection) => {
          if (broken) throw broken
          inUse = connection
          return appendOn(connection, records, clock.monotonicMs() + timeoutMs).catch((cause) => {
            connection.renew()
            throw cause
          })
        })
      } catch (cause) {
        broken ??= cause instanceof Error ? cause : new Error(String(cause))
        throw appendUnknown('EventStoreDB', partition, cause)
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

export type EventStoreAppenderOptions = WriteOptions & {
  readonly appending: Connections
  /** Throws LogError where the stream may lose records. */
  readonly mustKeep: () => Promise<void>
  /** For all writes of an append and what is read back, and as long for its wait for a connection before. */
  readonly timeoutMs: number
  /** Since the last answer: an append that is answered after that long is read back. */
  readonly pauseMs?: number | undefined
}

/** The append before: its last revision, when it was answered, and what the server's clock showed at `readMs`. */
type Before = Pick<Written, 'last'> & {
  readonly answeredMs: number
  readonly storeMs: number
  readonly readMs: number
}

const READ_EVERY_MS = 1_000
