import type { LedgerRecord } from '@micropay/schemas/log/commit'
import { EVENT_GENERATION } from '@micropay/schemas/log/generations'
import { decodeRecord, recordTypes } from '@micropay/schemas/log/ledger-record'
import { formatPosition } from '@micropay/schemas/position'
import type { EventLog } from './event-log.ts'
import { FoldError, type Folded, nextHash } from './fold.ts'
import { foldLog, orFoldError } from './fold-log.ts'
import { type Alarm, type FoldState, initialFold } from './fold-state.ts'

/**
 * The log is not, or not any more, the one that was read before. Whoever meets it stops, keeps what it has, and goes on
 * only after a person's decision: docs/operations.md.
 */
export class HistoryError extends Error {
  readonly code: HistoryCode

  constructor(code: HistoryCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

export type HistoryCode = 'log_empty' | 'log_truncated' | 'record_changed' | Alarm['reason']

/** What a log says to a fold that was kept of it. */
export type Compared =
  /** It leads there: read on. */
  | { readonly kind: 'follows' }
  /**
   * It does not, and a person has accepted that: it holds a resume above all that was kept. Throw that away and fold
   * anew.
   */
  | { readonly kind: 'resumed' }
  | { readonly kind: 'stopped'; readonly error: HistoryError }

/**
 * Compares a fold that was kept with the log: the records that it rests on, its newest commit and its claim, must stand
 * where they stood. Whoever keeps a fold asks at every start, and wherever the next record is not the one expected.
 * Throws LogError when the log cannot be read.
 */
export async function compareHistory(log: EventLog, fold: FoldState, signal: AbortSignal): Promise<Compared> {
  if (fold.offset === 0n) return { kind: 'follows' }
  const kept = asReadHere(fold)
  const end = await log.end(kept.partition)
  const error = await differenceFrom(log, kept, end, signal)
  // Its last records may stand where they stood, and one before them was changed: a resume then goes on from there.
  if (!error && (await goesOn(log, kept, end, signal))) return { kind: 'follows' }
  if (await isAccepted(log, kept, signal)) return { kind: 'resumed' }
  if (!error && !kept.alarm) return { kind: 'follows' }
  return { kind: 'stopped', error: error ?? alarmError(kept) }
}

/**
 * A fold as this code would have kept it: newer code goes on over a claim of its generation, in front of which this one
 * stops.
 */
function asReadHere(kept: FoldState): FoldState {
  if (kept.alarm || kept.generation <= EVENT_GENERATION) return kept
  return { ...kept, alarm: { reason: 'unknown_generation', seq: null, offset: kept.claimedAt } }
}

/** What a reader says that stands behind an alarm. */
export function alarmError({ partition, seq, alarm }: FoldState): HistoryError {
  if (!alarm) throw new RangeError('there is no alarm')
  const where = alarm.seq === null ? `after ${formatPosition({ partition, seq })}` : `at ${partition}:${alarm.seq}`
  return new HistoryError(alarm.reason, `${alarmTexts[alarm.reason]} ${where} (offset ${alarm.offset} of the log)`)
}

const alarmTexts: Readonly<Record<Alarm['reason'], string>> = {
  chain_broken: 'the record before, or this one, was changed: a commit does not continue the hash chain',
  fork: 'a worker that could not see the whole log has written over positions that were given before: a fork',
  epoch_never_claimed: 'a record is of an epoch that nobody claimed: the claim was cut off, or a digit was changed',
  unreadable_record: 'a record was changed: its bytes are no record any more',
  resume_mismatch: 'a record before it, or this one, was changed: a resume does not go on from what the log leads to',
  unknown_generation: 'a claim of newer code (then upgrade this process), or one that was changed, stands',
}

/**
 * The offset behind the next resume that counts, folded from a state that stands at an alarm or in front of one;
 * undefined where there is none. A reader may go on over the alarms in front of it.
 */
export async function resumeBehind(log: EventLog, from: FoldState, signal: AbortSignal): Promise<bigint | undefined> {
  let behind: bigint | undefined
  const each = (folded: Folded) => {
    if (folded.kind === 'resumed' && !folded.state.alarm) behind = folded.state.offset
    return behind !== undefined
  }
  await orFoldError(foldLog(log, from, { signal, until: await log.end(from.partition), each }))
  return behind
}

/**
 * A fold as it is kept now, of one that earlier code kept: that did not know which records it rests on, so it is folded
 * anew, once. Undefined where the log does not lead to it; throws LogError where the log ends before.
 */
export async function completeFold(
  log: EventLog,
  kept: FoldState,
  signal: AbortSignal,
): Promise<FoldState | undefined> {
  if (isComplete(kept)) return kept
  const state = await foldLog(log, initialFold(kept.partition), { signal, until: kept.offset })
  const { seq, hash, claimId } = kept
  return state.seq === seq && state.hash === hash && state.claimId === claimId ? state : undefined
}

const isComplete = ({ seq, countedAt }: FoldState) => seq === 0 || countedAt >= 0n

/**
 * Whether the log leads on from a fold: a resume counts behind the last alarm that the fold meets. Where none does, one
 * may count for who folds from the beginning.
 */
async function goesOn(log: EventLog, kept: FoldState, end: bigint, signal: AbortSignal): Promise<boolean> {
  let { alarm } = kept
  const each = ({ state }: Folded) => {
    alarm = state.alarm
  }
  await orFoldError(foldLog(log, kept, { signal, until: end, each }))
  return !alarm
}

/**
 * What is wrong with the records that a fold rests on; undefined where they stand as they stood. It reads those behind
 * the newest commit in front of the fold's offset, and none behind it.
 */
export async function differenceFrom(
  log: EventLog,
  kept: FoldState,
  end: bigint,
  signal: AbortSignal,
): Promise<HistoryError | undefined> {
  const { partition, offset } = kept
  const known = `up to ${formatPosition(kept)} (offset ${offset} of the log) was read before`
  if (end === 0n) return new HistoryError('log_empty', `the log of partition ${partition} is empty, and ${known}`)
  if (end < offset) {
    return new HistoryError('log_truncated', `the log of partition ${partition} ends at offset ${end}, and ${known}`)
  }
  const changed = (what: string, at: bigint) =>
    new HistoryError('record_changed', `${what} (offset ${at} of the log) is not the one that was read before`)
  if (!isComplete(kept)) {
    const completed = await completeFold(log, kept, signal)
    return completed ? undefined : changed(`the log up to ${formatPosition(kept)}`, offset - 1n)
  }
  if (kept.countedAt >= 0n) {
    const value = await valueAt(log, partition, kept.countedAt, signal)
    if (nextHash(kept.previousHash, value) !== kept.hash) {
      return changed(`the record at ${formatPosition(kept)}`, kept.countedAt)
    }
  } else if (kept.genesis) {
    const begun = await foldOne(log, initialFold(partition), signal)
    if (begun?.hash !== kept.hash) return changed('the first record', 0n)
  }
  if (kept.claimedAt >= 0n && kept.claimedAt < kept.countedAt) {
    const before = { ...kept, epoch: kept.epoch - 1, offset: kept.claimedAt, alarm: undefined }
    const claimed = await foldOne(log, before, signal)
    if (claimed?.claimId !== kept.claimId || claimed.epoch !== kept.epoch) {
      return changed(`the claim of epoch ${kept.epoch}`, kept.claimedAt)
    }
  }
  const behind = await foldBehind(log, kept, signal)
  if (behind && isSame(behind, kept)) return undefined
  return changed(`what stands behind ${formatPosition(kept)}`, kept.countedAt + 1n)
}

/** The epochs count, too: a claim has its id in whatever epoch it stands, and nothing else hashes it. */
function isSame(one: FoldState, other: FoldState): boolean {
  const { seq, hash, claimId, epoch, epochBefore } = other
  const isClaim = one.claimId === claimId && one.epoch === epoch && one.epochBefore === epochBefore
  return isClaim && one.seq === seq && one.hash === hash
}

/**
 * The fold from the newest commit on, up to where the kept one ends: no commit may stand there, and the claim that
 * stands is the last one there. Undefined when that cannot be folded.
 */
async function foldBehind(log: EventLog, kept: FoldState, signal: AbortSignal): Promise<FoldState | undefined> {
  const { partition, countedAt, claimedAt, offset } = kept
  const hasClaimed = claimedAt > countedAt
  let state = initialFold(partition)
  if (countedAt >= 0n) {
    const epoch = hasClaimed ? epochOf(decodeRecord(await valueAt(log, partition, countedAt, signal))) : kept.epoch
    state = { ...kept, epoch, offset: countedAt + 1n, ...(hasClaimed ? { claimId: '', seqAtClaim: 0 } : {}) }
  }
  const behind = await orFoldError(foldLog(log, state, { signal, until: offset }))
  return behind instanceof FoldError ? undefined : behind
}

function epochOf(record: LedgerRecord): number {
  if (record.kind === 'commit') return record.commit.epoch
  return record.kind === 'resume' ? record.resume.epoch : 0
}

/** The value of one record. Throws LogError where the log has none there, and what the signal aborts with. */
export async function valueAt(log: EventLog, partition: number, at: bigint, signal: AbortSignal): Promise<Uint8Array> {
  for await (const [record] of log.read(partition, at, { signal, until: at + 1n })) {
    if (record) return record.value
  }
  throw signal.reason
}

/** The fold over the next record; undefined when that cannot be folded. */
async function foldOne(log: EventLog, state: FoldState, signal: AbortSignal): Promise<FoldState | undefined> {
  const folded = await orFoldError(foldLog(log, state, { signal, until: state.offset + 1n }))
  return folded instanceof FoldError ? undefined : folded
}

/** Whether the log holds, without an alarm behind it, a resume above all that was kept. */
async function isAccepted(log: EventLog, kept: Kept, signal: AbortSignal): Promise<boolean> {
  let accepted = false
  const each = (folded: Folded) => {
    // Its epoch says nothing: a reader may have taken a claim behind it for the next one of what it knew.
    if (folded.kind === 'resumed') accepted ||= folded.state.seq > kept.seq
  }
  const until = await log.end(kept.partition)
  if (!(await mayBeAccepted(log, kept, until, signal))) return false
  const folded = await orFoldError(foldLog(log, initialFold(kept.partition), { signal, until, each }))
  return accepted && !(folded instanceof FoldError) && !folded.alarm
}

type Kept = Pick<FoldState, 'partition' | 'seq'>

/**
 * Whether a resume that may count for a fold stands in the log. Whoever stands still looks for one again and again,
 * mostly in vain, and to look at the bytes takes a tenth of a fold.
 */
async function mayBeAccepted(log: EventLog, kept: Kept, until: bigint, signal: AbortSignal): Promise<boolean> {
  for await (const records of log.read(kept.partition, 0n, { signal, until })) {
    if (records.some(({ value }) => (resumeSeq(value) ?? 0) > kept.seq)) return true
  }
  signal.throwIfAborted()
  return false
}

/** Undefined for other records, and for bytes that are none. */
function resumeSeq(value: Uint8Array): number | undefined {
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  // JSON may write any text in escapes.
  if (!bytes.includes(recordTypes.resume) && !bytes.includes('\\u')) return undefined
  try {
    const decoded = decodeRecord(value)
    return decoded.kind === 'resume' ? decoded.resume.seq : undefined
  } catch {
    return undefined
  }
}
