import type { Clock } from '@micropay/runtime/clock'
import { unlessAborted } from '@micropay/runtime/unless-aborted'
import { endsBefore, LogError, type LogRecord, type ReadOptions } from '../event-log.ts'
import type { Outage } from '../outage.ts'
import { typeOf } from './broker-error.ts'
import type { Fetched, Fetcher } from './fetch.ts'

/**
 * Reads one partition from its leader. The first fetch is a small one, for those who want a record or two, or of about
 * what is wanted; whoever reads on gets larger ones, each fetched while the one before it is being read. After an error
 * it goes on behind the last record that was handed out.
 */
export async function* readKafka(
  source: KafkaSource,
  partition: number,
  from: bigint,
  { signal, maxRecords = DEFAULT_MAX_RECORDS, until }: ReadOptions,
): AsyncGenerator<readonly LogRecord[]> {
  const tail: Tail = {
    source,
    partition,
    next: from,
    until,
    maxBytes: until === undefined ? FIRST_FETCH_BYTES : bytesOf(until - from),
    fetcher: source.open(partition, until),
    ahead: undefined,
  }
  const { clock } = source
  try {
    while (!signal.aborted && isWanted(tail)) {
      const startedMs = clock.monotonicMs()
      const fetched = await nextFetch(tail, signal)
      if (!fetched) continue
      const isAtEnd = tail.next + BigInt(fetched.records.length) >= fetched.end
      yield* slicesOf(tail, fetched, maxRecords, signal)
      const restMs = TAIL_EVERY_MS - (clock.monotonicMs() - startedMs)
      if (isAtEnd && restMs > 0 && isWanted(tail)) await clock.sleep(restMs, signal)
    }
  } finally {
    tail.fetcher.leave()
  }
}

/**
 * At the end of a busy log each record would come alone, at the price of a fetch for the broker and for us; so fetches
 * there do not follow each other faster than this, and the first record after a pause comes at once.
 */
const TAIL_EVERY_MS = 20

export type KafkaSource = {
  readonly clock: Clock
  readonly outage: Outage
  readonly end: (partition: number) => Promise<bigint>
  /** Who waits for nothing has an end. */
  readonly open: (partition: number, until: bigint | undefined) => Fetcher
}

type Tail = {
  readonly source: KafkaSource
  readonly partition: number
  /** The offset behind the last record that was handed out, or is about to be. */
  next: bigint
  readonly until: bigint | undefined
  maxBytes: number
  readonly fetcher: Fetcher
  /** Asked for, and not yet read. */
  ahead: Promise<Fetched> | undefined
}

const DEFAULT_MAX_RECORDS = 500

const FIRST_FETCH_BYTES = 64 * 1024
/**
 * A fetch is decoded at once: larger ones outlive the young generation, and cost more to collect than they save in
 * requests.
 */
const MOST_FETCH_BYTES = 1024 * 1024
const RECORD_BYTES = 1024

/** About what so many records take, most of which are of 700 bytes or so. */
function bytesOf(records: bigint): number {
  return Math.max(FIRST_FETCH_BYTES, Math.min(Number(records) * RECORD_BYTES, MOST_FETCH_BYTES))
}

function isWanted({ next, until }: Tail): boolean {
  return until === undefined || next < until
}

/** Nothing when it failed and is to be tried again, or when the signal aborted. */
async function nextFetch(tail: Tail, signal: AbortSignal): Promise<Fetched | undefined> {
  try {
    const fetched = await unlessAborted(fetchAhead(tail), signal)
    if (!fetched) return undefined
    await checkReaches(tail, fetched)
    tail.ahead = undefined
    tail.source.outage.ended()
    return fetched
  } catch (cause) {
    const { source } = tail
    tail.ahead = undefined
    if (cause instanceof LogError) throw cause
    const known = typeOf(cause) === 'OFFSET_OUT_OF_RANGE' ? await truncated(tail).catch(() => undefined) : undefined
    if (known) throw known
    await source.outage.waitAfter(cause, signal)
    return undefined
  }
}

/**
 * What a broker that throttles, or has just begun to lead, says of the end may be behind the truth: the log is asked
 * itself.
 */
async function checkReaches({ source, partition, next, until = next }: Tail, fetched: Fetched): Promise<void> {
  if (fetched.end >= until) return
  const end = await source.end(partition)
  if (end < until) throw endsBefore(partition, end, until)
}

/** One fetch at a time. */
function fetchAhead(tail: Tail): Promise<Fetched> {
  tail.ahead ??= tail.fetcher.fetch(tail.next, tail.maxBytes)
  // Whoever waits for it is told; until then nobody does.
  tail.ahead.catch(() => undefined)
  return tail.ahead
}

function* slicesOf(tail: Tail, fetched: Fetched, maxRecords: number, signal: AbortSignal) {
  const { next, until } = tail
  const records = until === undefined ? fetched.records : fetched.records.slice(0, Number(until - next))
  for (const { offset } of records) {
    if (offset !== tail.next) {
      const reason = `partition ${tail.partition} has no record at offset ${tail.next}, but one at ${offset}`
      throw new LogError('log_truncated', reason)
    }
    tail.next += 1n
  }
  if (records.length > 0) tail.maxBytes = Math.min(4 * tail.maxBytes, MOST_FETCH_BYTES)
  for (let index = 0; index < records.length && !signal.aborted; index += maxRecords) {
    yield records.slice(index, index + maxRecords)
    // Whoever comes back for more is likely to want what follows, too.
    if (tail.next < fetched.end && isWanted(tail) && !signal.aborted) fetchAhead(tail)
  }
}

async function truncated({ source, partition, next }: Tail): Promise<LogError> {
  const end = await source.end(partition)
  if (end < next) return endsBefore(partition, end, next)
  return new LogError('log_truncated', `partition ${partition} no longer holds the record at offset ${next}`)
}
