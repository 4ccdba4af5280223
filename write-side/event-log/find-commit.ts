import type { Commit, LedgerRecord } from '@micropay/schemas/log/commit'
import { decodeRecord } from '@micropay/schemas/log/ledger-record'
import type { EventLog, LogRecord } from './event-log.ts'
import { nextHash } from './fold.ts'
import type { FoldState } from './fold-state.ts'
import { HistoryError } from './history.ts'

/**
 * The commit at a position that counts, read from the log without folding it. It is the one that the next position
 * follows by its hash, or the caller's own fold does. Of several that are followed the one of the highest epoch counts:
 * whoever claimed later had read it, and never writes there again. Undefined where none ever stood there. Throws
 * HistoryError where nothing follows what stands there, as it was changed or is forged, and where nothing stands there
 * any more. Throws LogError, and what `signal` aborts with.
 */
export async function findCommit(log: EventLog, place: Place, signal: AbortSignal): Promise<Commit | undefined> {
  const { partition, seq, behind } = place
  const near = await followedOf(log, place, await standingNear(log, place, seq, signal), signal)
  if (near) return near
  if (place.from !== undefined) return findCommit(log, { partition, seq, behind }, signal)
  // Records of deposed owners, and forged ones, may have led astray.
  const all = await commitsWith(log, place, 0n, behind.offset, signal, everything)
  const found = await followedOf(log, place, all, signal)
  if (found || seq < 1 || seq > behind.seq) return found
  if (await wasPassedOver(log, place, signal)) return undefined
  if (all.length > 0) {
    throw new HistoryError('record_changed', `nothing follows the record of ${partition}:${seq}: it was changed`)
  }
  throw new HistoryError('log_truncated', `the record of ${partition}:${seq} was read before, and is not there`)
}

/** Whether a resume went on above the position, so that no commit counts there, whatever stands there. */
async function wasPassedOver(log: EventLog, { partition, seq, behind }: Place, signal: AbortSignal): Promise<boolean> {
  for await (const { decoded } of sieved(
    log,
    partition,
    { from: 0n, until: behind.offset, mayBe: everything },
    signal,
  )) {
    if (decoded?.kind === 'resume' && decoded.resume.previousSeq < seq && seq <= decoded.resume.seq) return true
  }
  return false
}

/** The one that what comes behind it was written on. */
async function followedOf(log: EventLog, place: Place, standing: readonly Found[], signal: AbortSignal) {
  const { seq, behind } = place
  const [newest, ...older] = standing.toSorted((one, other) => other.commit.epoch - one.commit.epoch)
  if (!newest) return undefined
  const among = (hashes: readonly string[]) => [newest, ...older].find(({ hash }) => hashes.includes(hash))?.commit
  if (behind.seq === seq) return among([behind.hash])
  const from = standing.reduce((least, { offset }) => minimum(least, offset), newest.offset)
  const near = await followersIn(log, place, from, minimum(behind.offset, newest.offset + SCANNED), signal)
  if (near.includes(newest.hash)) return newest.commit
  const next = (await standingNear(log, place, seq + 1, signal)).map(({ commit }) => commit.previousHash)
  return among([...near, ...next]) ?? among(await followersIn(log, place, from, behind.offset, signal, everything))
}

/** What stands at a position, whether it counts or not, about where such a position is looked for by halves. */
async function standingNear(log: EventLog, place: Place, seq: number, signal: AbortSignal) {
  const { partition, behind } = place
  // Behind a resume a position is far above its offset, so nothing says where it begins.
  let [low, high] = [place.from ?? 0n, behind.offset]
  if (place.from !== undefined) high = minimum(high, place.from + SCANNED)
  while (high - low > SCANNED) {
    const middle = low + (high - low) / 2n
    const probe = await commitsFrom(log, partition, middle, high, signal)
    const epoch = Math.max(...probe.map(({ commit }) => commit.epoch))
    const first = probe.find(({ commit }) => commit.epoch === epoch)
    if (!first) high = middle
    else if (first.commit.seq > seq) high = first.offset
    else low = first.offset
    if (first?.offset === low && first.commit.seq === seq) break
  }
  return commitsWith(log, { partition, seq }, low, minimum(high, low + 2n * SCANNED), signal)
}

/** `behind` is how far the caller has folded the log; the position lies in front of that. */
export type Place = {
  readonly partition: number
  readonly seq: number
  readonly behind: Pick<FoldState, 'offset' | 'seq' | 'hash'>
  /** Where it is known to begin a few records further on. */
  readonly from?: bigint
}

/** So many records are read at once: what a deposed owner wrote in one stretch must not be all that is seen. */
const SCANNED = 512n
/** A probe goes on until it has seen so many commits: more than a deposed owner appends at once. */
const PROBED = 4

/** `hash` is that of the chain behind the record, by what it says itself of the one before. */
type Found = { readonly offset: bigint; readonly commit: Commit; readonly hash: string }

async function commitsFrom(log: EventLog, partition: number, from: bigint, until: bigint, signal: AbortSignal) {
  const found: Found[] = []
  for await (const records of log.read(partition, from, { signal, until, maxRecords: 64 })) {
    for (const record of records) {
      const commit = commitIn(record, decodedOf(record))
      if (commit) found.push(commit)
    }
    if (found.length >= PROBED) break
  }
  signal.throwIfAborted()
  return found
}

async function commitsWith(
  log: EventLog,
  { partition, seq }: Pick<Place, 'partition' | 'seq'>,
  from: bigint,
  until: bigint,
  signal: AbortSignal,
  mayBe: Sieve = naming(`"seq":${seq}`),
): Promise<Found[]> {
  const found: Found[] = []
  for await (const { record, decoded } of sieved(log, partition, { from, until, mayBe }, signal)) {
    const commit = commitIn(record, decoded)
    if (commit?.commit.seq === seq) found.push(commit)
  }
  return found
}

/** What the commits of the next position, and resumes that go on from this one, say that stands before them. */
async function followersIn(
  log: EventLog,
  { partition, seq }: Place,
  from: bigint,
  until: bigint,
  signal: AbortSignal,
  mayBe: Sieve = naming(`"seq":${seq + 1}`, `"previousSeq":${seq}`),
): Promise<string[]> {
  const hashes: string[] = []
  for await (const { decoded } of sieved(log, partition, { from, until, mayBe }, signal)) {
    if (decoded?.kind === 'commit' && decoded.commit.seq === seq + 1) hashes.push(decoded.commit.previousHash)
    if (decoded?.kind === 'resume' && decoded.resume.previousSeq === seq) hashes.push(decoded.resume.previousHash)
  }
  return hashes
}

/** The records of a stretch that may be meant, and what they say. Throws what `signal` aborts with. */
async function* sieved(log: EventLog, partition: number, { from, until, mayBe }: Stretch, signal: AbortSignal) {
  for await (const records of log.read(partition, from, { signal, until })) {
    for (const record of records.filter(mayBe)) yield { record, decoded: decodedOf(record) }
  }
  signal.throwIfAborted()
}

type Stretch = { readonly from: bigint; readonly until: bigint; readonly mayBe: Sieve }

type Sieve = (record: LogRecord) => boolean

/** Decoding is what a search costs, and workers write their numbers in one way. */
function naming(...texts: readonly string[]): Sieve {
  return ({ value }) => {
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
    return texts.some((text) => bytes.includes(text))
  }
}

/** Where nothing was found: others may write them in another way. */
function everything(): boolean {
  return true
}

function commitIn(record: LogRecord, decoded: LedgerRecord | undefined): Found | undefined {
  if (decoded?.kind !== 'commit') return undefined
  const { commit } = decoded
  return { offset: record.offset, commit, hash: nextHash(commit.previousHash, record.value) }
}

/** What cannot be read counts nowhere, and whoever folds says so. */
function decodedOf({ value }: LogRecord): LedgerRecord | undefined {
  try {
    return decodeRecord(value)
  } catch {
    return undefined
  }
}

function minimum(a: bigint, b: bigint): bigint {
  return a < b ? a : b
}
