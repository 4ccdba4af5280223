import type { RecordedEvent } from '@eventstore/db-client'
import { endsBefore, type LogRecord, missingRecord, type ReadOptions } from '../event-log.ts'
import type { Outage } from '../outage.ts'
import { readPages } from '../read-pages.ts'
import type { Tail } from '../tail-waiters.ts'
import type { Connection } from './client.ts'
import { endOf, readEvents, recordOf } from './streams.ts'

/**
 * Reads one partition in pages, on a connection that all readers share. Each page is asked for with the record in front
 * of it, which must still be there.
 */
export function readEventStore(
  { reading, tail, outage, pageMs, stream, check, mustKeep }: ReaderDependencies,
  partition: number,
  from: bigint,
  options: ReadOptions,
): AsyncIterable<readonly LogRecord[]> {
  let isChecked = false
  const page = async (next: bigint, most: number) => {
    if (!isChecked) await check(options.until ?? from)
    isChecked = true
    await mustKeep()
    return readPage({ reading, pageMs, stream }, partition, next, most)
  }
  return readPages({ tail, outage, readPage: page }, partition, from, options)
}

export type ReaderDependencies = {
  readonly reading: Connection
  readonly tail: Tail
  readonly outage: Outage
  /** For one page. */
  readonly pageMs: number
  readonly stream: string
  /** Throws LogError where the partition is none, or ends before that offset. */
  readonly check: (least: bigint) => Promise<void>
  /** Throws LogError where the stream may lose records. */
  readonly mustKeep: () => Promise<void>
}

async function readPage(
  { reading, pageMs, stream }: Pick<ReaderDependencies, 'reading' | 'pageMs' | 'stream'>,
  partition: number,
  next: bigint,
  most: number,
): Promise<LogRecord[]> {
  const before = next === 0n ? 0n : 1n
  return reading.use(pageMs, async (client) => {
    const events = (await readEvents(client, stream, next - before, most + Number(before))) ?? []
    if (events[0]?.revision !== next - before && (before > 0n || events.length > 0)) {
      const end = await endOf(client, stream)
      throw end < next ? endsBefore(partition, end, next) : missingRecord(partition, next - before)
    }
    return recordsOf(events.slice(Number(before)), partition, next)
  })
}

function recordsOf(events: readonly RecordedEvent[], partition: number, next: bigint): LogRecord[] {
  return events.map((event, index) => {
    const expected = next + BigInt(index)
    if (event.revision !== expected) throw missingRecord(partition, expected)
    return recordOf(event, partition)
  })
}
