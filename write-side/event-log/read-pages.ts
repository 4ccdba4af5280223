import { unlessAborted } from '@micropay/runtime/unless-aborted'
import { LogError, type LogRecord, type ReadOptions } from './event-log.ts'
import type { Outage } from './outage.ts'
import type { Tail } from './tail-waiters.ts'

/**
 * Reads one partition in pages, and waits for more at its end; asks again after an error and goes on behind the last
 * record that it yielded.
 */
export async function* readPages(
  { tail, outage, readPage }: PageSource,
  partition: number,
  from: bigint,
  { signal, maxRecords = DEFAULT_MAX_RECORDS, until }: ReadOptions,
): AsyncGenerator<readonly LogRecord[]> {
  let next = from
  let most = maxRecords
  const isWanted = () => !signal.aborted && (until === undefined || next < until)
  while (isWanted()) {
    try {
      const heard = tail.heard(partition)
      const wanted = until === undefined ? most : Math.min(most, Number(until - next))
      const page = await unlessAborted(readPage(next, wanted), signal)
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

export type PageSource = {
  readonly tail: Tail
  readonly outage: Outage
  /**
   * The records from `next` on, so many at most; none at the end. A LogError ends the reader, any other error is an
   * outage.
   */
  readonly readPage: (next: bigint, most: number) => Promise<readonly LogRecord[]>
}

const DEFAULT_MAX_RECORDS = 500
