import type { RecordedEvent } from '@eventstore/db-client'
import { unlessAborted } from '@micropay/runtime/unless-aborted'
import { endsBefore, LogError, type LogRecord, missingRecord, type ReadOptions } from '../event-log.ts'
import type { Outage } from '../outage.ts'
import type { Tail } from '../tail-waiters.ts'
import type { Connection } from './client.ts'
import { endOf, readEvents, recordOf } from './streams.ts'

/**
 * Reads one partition in pages, on a connection that all readers share; asks again after an error and goes on behind
 * the last record that it yielded. Each page is asked for with the record in front of it, which must still be there.
 */
export async function* readEventStore(
  { reading, tail, outage, pageMs, stream, check, mustKeep }: ReaderDependencies,
  partition: number,
  from: bigint,
  { signal, maxRecords = DEFAULT_MAX_RECORDS, until }: ReadOptions,
): AsyncGenerator<readonly LogRecord[]> {
  let next = from
  let most = maxRecords
  let isChecked = false
  const isWanted = () => !signal.aborted && (until === undefined || next < until)
  while (isWanted()) {
    try {
      const heard = tail.heard(partition)
      const wanted = until === undefined ? most : Math.min(most, Number(until - next))
      const asked = async () => {
        if (!isChecked) await check(until ?? from)
        isChecked = true
        await mustKeep()
        return readPage({ reading, pageMs, stream }, partition, next, wanted)
      }
      const page = await unlessAborted(asked(), signal)
      if (page === undefined) return
      outage.ended()
      most = Math.min(2 * most, maxRecords)
      next += BigInt(page.length)
      if (page.length > 0) yield page
      else await tail.wait(partition, { next, heard }, signal)
    } catch (cause) {
      if (signal.aborted) return
      if (cause instanceof LogError) throw cause
      // A page that did not come in its time may have been too large for the way that it had to take.
      most = Math.ceil(most / 8)
      await outage.waitAfter(cause, signal)
    }
  }
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

const DEFAULT_MAX_RECORDS = 500

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
