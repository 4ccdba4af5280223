import type { EventLog, LogRecord } from '@micropay/event-log/event-log'
import type { IndexedPlace } from './audit-index.ts'

/**
 * Reads exactly the records that the index names, in their order: places that lie close together are one read of the
 * log. Throws the reason of a signal that aborts.
 */
export async function* readPlaces<Place extends RecordPlace>(
  log: EventLog,
  places: readonly Place[],
  signal: AbortSignal,
): AsyncGenerator<{ readonly place: Place; readonly record: LogRecord }> {
  for (const range of rangesOf(places)) yield* readRange(log, range, signal)
}

type RecordPlace = Pick<IndexedPlace, 'partition' | 'offset'>

/** To open a reader costs about as much as to read on over so many records. */
const GAP = 1_000n

/** Groups places of rising offsets, of one partition each, whose gaps are no wider than that. */
function rangesOf<Place extends RecordPlace>(places: readonly Place[]): Place[][] {
  const ranges: Place[][] = []
  let last: Place | undefined
  for (const place of places) {
    const near = last && last.partition === place.partition && place.offset - last.offset <= GAP
    if (near) ranges.at(-1)?.push(place)
    else ranges.push([place])
    last = place
  }
  return ranges
}

async function* readRange<Place extends RecordPlace>(log: EventLog, range: readonly Place[], signal: AbortSignal) {
  const [first] = range
  const last = range.at(-1)
  if (!first || !last) return
  const wanted = range.values()
  let next = wanted.next().value
  const options = { signal, maxRecords: MOST_RECORDS, until: last.offset + 1n }
  for await (const batch of log.read(first.partition, first.offset, options)) {
    for (const record of batch) {
      if (record.offset !== next?.offset) continue
      yield { place: next, record }
      next = wanted.next().value
    }
  }
  signal.throwIfAborted()
}

const MOST_RECORDS = 1_000
