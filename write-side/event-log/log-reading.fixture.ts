import type { EventLog, LogRecord, NewRecord } from './event-log.ts'
import { type Folded, foldRecord } from './fold.ts'
import { type FoldState, initialFold } from './fold-state.ts'

/** Reads exactly that many records from an offset on, and waits for those that are still to come. */
export async function readRecords(log: EventLog, partition: number, from: bigint, count: number): Promise<LogRecord[]> {
  const records: LogRecord[] = []
  if (count === 0) return records
  for await (const batch of log.read(partition, from, { signal: new AbortController().signal })) {
    records.push(...batch)
    if (records.length >= count) break
  }
  return records
}

/** The next batch of a reader; empty when the reader has ended. */
export async function nextBatch(batches: AsyncIterator<readonly LogRecord[]>): Promise<readonly LogRecord[]> {
  const { done, value } = await batches.next()
  return done ? [] : value
}

export async function appendTo(log: EventLog, partition: number, records: readonly NewRecord[]): Promise<bigint> {
  const appender = await log.openAppender(partition)
  try {
    return (await appender.append(records)).offset
  } finally {
    await appender.close()
  }
}

/** Folds a partition up to its present end, as a reader does that begins now, or goes on from what it has kept. */
export async function foldToEnd(log: EventLog, partition: number, from = initialFold(partition)): Promise<FoldedAll> {
  const count = Number((await log.end(partition)) - from.offset)
  return foldAll(await readRecords(log, partition, from.offset, count), partition, from)
}

export function foldAll(records: readonly LogRecord[], partition = 0, from = initialFold(partition)): FoldedAll {
  let state = from
  const folded = records.map((record) => {
    const result = foldRecord(state, record)
    state = result.state
    return result
  })
  return { state, folded }
}

type FoldedAll = { readonly state: FoldState; readonly folded: readonly Folded[] }
