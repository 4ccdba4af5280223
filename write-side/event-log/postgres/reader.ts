import type { Clock } from '@micropay/runtime/clock'
import type { Client } from 'pg'
import { endsBefore, LogError, type LogRecord, type ReadOptions } from '../event-log.ts'
import type { Outage } from '../outage.ts'
import { isNotThere, missing, missingPartition } from './tables.ts'

/**
 * Reads one partition in pages on a connection of its own, woken by NOTIFY or, where that is lost, by polling; connects
 * again after an error and goes on behind the last record that it yielded.
 */
export async function* readPostgres(
  { connect, outage, clock }: ReaderDependencies,
  partition: number,
  from: bigint,
  { signal, maxRecords = DEFAULT_MAX_RECORDS, until }: ReadOptions,
): AsyncGenerator<readonly LogRecord[]> {
  let next = from
  let most = maxRecords
  const isWanted = () => !signal.aborted && (until === undefined || next < until)
  while (isWanted()) {
    const connection = listen(connect(), clock, signal)
    try {
      await connection.start()
      while (isWanted()) {
        const page = await connection.page(partition, next, { maxRecords: most, until })
        outage.ended()
        most = Math.min(2 * most, maxRecords)
        if (page.length > 0) {
          next += BigInt(page.length)
          yield page
        } else {
          await connection.wait()
        }
      }
    } catch (cause) {
      if (signal.aborted) return
      if (cause instanceof LogError) throw cause
      if (isNotThere(cause)) throw next > 0n ? endsBefore(partition, 0n, next) : missingPartition(partition)
      // A page that did not come in its time may have been too large for the way that it had to take.
      most = Math.ceil(most / 8)
      await outage.waitAfter(cause, signal)
    } finally {
      connection.stop()
    }
  }
}

export type ReaderDependencies = {
  readonly connect: () => Client
  readonly outage: Outage
  readonly clock: Clock
}

const DEFAULT_MAX_RECORDS = 500
const POLL_MS = 250

/** One statement, so one snapshot: the end and the page belong together. */
const selectPage = `
  select end_.next_offset::text as end, page."offset"::text as offset, page.key, page.value,
    $2 = 0 or exists (select from event_log.records where partition = $1 and "offset" = $2 - 1) as follows
  from event_log.partitions end_ left join lateral (
    select "offset", key, value from event_log.records
    where partition = end_.partition and "offset" >= $2 order by "offset" limit $3
  ) page on true
  where end_.partition = $1 order by page."offset"`

type PageRow = {
  readonly end: string
  /** The record before the page is there. */
  readonly follows: boolean
  readonly offset: string | null
  readonly key: string | null
  readonly value: Uint8Array | null
}

function listen(client: Client, clock: Clock, signal: AbortSignal) {
  let notified = false
  let wake = new AbortController()
  const awaken = () => {
    notified = true
    wake.abort()
  }
  const stop = () => {
    signal.removeEventListener('abort', stop)
    awaken()
    client.end().catch(() => {})
  }
  signal.addEventListener('abort', stop)
  client.on('notification', awaken)
  client.on('error', awaken)
  return {
    start: async () => {
      await client.connect()
      await client.query('listen event_log')
    },
    page: async (
      partition: number,
      next: bigint,
      { maxRecords, until }: { readonly maxRecords: number; readonly until: bigint | undefined },
    ): Promise<LogRecord[]> => {
      notified = false
      wake = new AbortController()
      const { rows } = await client.query<PageRow>({
        name: 'page',
        text: selectPage,
        values: [partition, next, until === undefined ? maxRecords : Math.min(maxRecords, Number(until - next))],
      })
      return recordsOf(rows, partition, next, until ?? next)
    },
    wait: async () => {
      if (!notified) await clock.sleep(POLL_MS, wake.signal)
    },
    stop,
  }
}

function recordsOf(rows: readonly PageRow[], partition: number, next: bigint, least: bigint): LogRecord[] {
  // A partition that was read from, and is gone, was not forgotten to be prepared.
  if (rows[0] === undefined) throw next > 0n ? endsBefore(partition, 0n, next) : missingPartition(partition)
  const end = BigInt(rows[0].end)
  if (end < least) throw endsBefore(partition, end, least)
  if (!rows[0].follows) throw missing(partition, next - 1n)
  const records = rows.flatMap(({ offset, key, value }) =>
    offset === null || key === null || value === null ? [] : [{ offset: BigInt(offset), key, value }],
  )
  records.forEach((record, index) => {
    const expected = next + BigInt(index)
    if (record.offset !== expected) throw missing(partition, expected)
  })
  if (records.length === 0 && end > next) throw missing(partition, next)
  return records
}
