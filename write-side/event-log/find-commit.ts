import type { Commit } from '@micropay/schemas/log/commit'
import { decodeRecord } from '@micropay/schemas/log/ledger-record'
import type { EventLog, LogRecord } from './event-log.ts'

/**
 * The commit at a position that counts, read from the log without folding it: `end` is the offset up to which the
 * caller has folded, and that position must lie below. Of several records with one sequence number the one of the
 * highest epoch counts: whoever claimed later had read it, and never writes there again. Undefined where there is none.
 * Throws LogError, and what `signal` aborts with.
 */
export async function findCommit(log: EventLog, place: Place, signal: AbortSignal): Promise<Commit | undefined> {
  let [low, high] = [BigInt(place.seq), place.end]
  while (high - low > SCANNED) {
    const middle = low + (high - low) / 2n
    const probe = await commitsFrom(log, place.partition, middle, high, signal)
    const epoch = Math.max(...probe.map(({ commit }) => commit.epoch))
    const first = probe.find(({ commit }) => commit.epoch === epoch)
    if (!first) high = middle
    else if (first.commit.seq > place.seq) high = first.offset
    else low = first.offset
    if (first?.offset === low && first.commit.seq === place.seq) break
  }
  const near = await newestWith(log, place, low, minimum(high, low + 2n * SCANNED), signal)
  // Records of deposed owners may have led astray.
  return near ?? newestWith(log, place, BigInt(place.seq), place.end, signal)
}

export type Place = { readonly partition: number; readonly seq: number; readonly end: bigint }

/** So many records are read at once: finding a place among them by halves would take longer. */
const SCANNED = 512n
/** A probe goes on until it has seen so many commits: more than a deposed owner appends at once. */
const PROBED = 4

type Found = { readonly offset: bigint; readonly commit: Commit }

async function commitsFrom(log: EventLog, partition: number, from: bigint, until: bigint, signal: AbortSignal) {
  const found: Found[] = []
  for await (const records of log.read(partition, from, { signal, until, maxRecords: 64 })) {
    for (const record of records) {
      const commit = commitIn(record)
      if (commit) found.push({ offset: record.offset, commit })
    }
    if (found.length >= PROBED) break
  }
  signal.throwIfAborted()
  return found
}

async function newestWith(log: EventLog, place: Place, from: bigint, until: bigint, signal: AbortSignal) {
  let newest: Commit | undefined
  for await (const records of log.read(place.partition, from, { signal, until })) {
    for (const record of records) {
      const commit = commitIn(record)
      if (commit?.seq === place.seq && commit.epoch > (newest?.epoch ?? 0)) newest = commit
    }
  }
  signal.throwIfAborted()
  return newest
}

/** What cannot be read counts nowhere, and whoever folds says so. */
function commitIn({ value }: LogRecord): Commit | undefined {
  try {
    const decoded = decodeRecord(value)
    return decoded.kind === 'commit' ? decoded.commit : undefined
  } catch {
    return undefined
  }
}

function minimum(a: bigint, b: bigint): bigint {
  return a < b ? a : b
}
