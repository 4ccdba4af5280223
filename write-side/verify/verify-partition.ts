import { type EventLog, LogError, type LogRecord } from '@micropay/event-log/event-log'
import { createMarker, findCommit, type Marker, type Stretch, stretchBetween } from '@micropay/event-log/find-commit'
import { announcesUnknown, FoldError, type Folded, foldRecord, isAlarm } from '@micropay/event-log/fold'
import { type FoldState, initialFold } from '@micropay/event-log/fold-state'
import { HistoryError } from '@micropay/event-log/history'
import type { Clock } from '@micropay/runtime/clock'
import type { Verification, VerifyFault } from '@micropay/schemas/api/audit'
import type { SealedOtherwise } from '@micropay/schemas/api/period'
import { placeOfId } from '@micropay/schemas/identifiers'
import type { Claim, Commit, Resume } from '@micropay/schemas/log/commit'
import { type Alarms, createAlarms } from './alarms.ts'
import { type Closings, collectClosings } from './closings.ts'
import { createComparison, type Kept, type KeptComparison } from './compare-kept.ts'
import { createJudge, type Judge } from './judge.ts'
import { givenBackBy } from './judge-commit.ts'
import { createSealedSums } from './sealed-sums.ts'
import { createSums, type Sums } from './sums.ts'
import { createUnsettled, type Unsettled } from './unsettled.ts'

/**
 * Folds a partition from its first record to where its end is now, judges every commit that counts by the rules that
 * decide, and says what it found. What no reader may go on over ends it there, with a fault. Where periods are closed
 * it reads what stands in front of the last closing once more, since it knows only then up to which instants to sum.
 * Memory grows with the accounts and the keys (judge.ts), and by some hundred bytes each 32 records.
 */
export async function verifyPartition(log: EventLog, partition: number, options: VerifyOptions): Promise<Verified> {
  const { clock, signal, kept } = options
  const startedMs = clock.monotonicMs()
  const end = await log.end(partition)
  const audit = newAudit(partition, kept)
  try {
    for await (const batch of log.read(partition, 0n, { signal, maxRecords: 1_000, until: end })) {
      const going = await takeAll(audit, log, batch, options)
      await options.onProgress?.(Number(audit.state.offset), Number(end))
      if (!going) break
    }
    await checkClosings(audit, log, end, options)
  } catch (error) {
    if (!(error instanceof LogError) || error.code !== 'log_truncated') throw error
    tell(audit, { code: 'log_truncated', seq: audit.state.seq, detail: error.message })
  }
  signal.throwIfAborted()
  // What was changed comes before what that has led to.
  const causes = audit.alarms.faults()
  audit.faults.unshift(...causes)
  audit.faults.length = Math.min(audit.faults.length, MOST_FAULTS)
  audit.faultCount += causes.length
  for (const fault of audit.comparison?.faultsAt(audit.state) ?? []) tell(audit, fault)
  return { verification: resultOf(audit, kept, clock.monotonicMs() - startedMs), fold: audit.state }
}

export type VerifyOptions = {
  readonly clock: Clock
  readonly signal: AbortSignal
  /** What an earlier verification that found no fault has left: the log must lead there, and on. */
  readonly kept?: Kept | undefined
  readonly onProgress?: (records: number, of: number) => Promise<void> | void
  /** Called after each commit, or resume, that counts. */
  readonly onCommit?: (state: FoldState) => void
}

/** What was found, and where the fold ended: it is worth keeping where it is sound. */
export type Verified = { readonly verification: Verification; readonly fold: FoldState }

type Audit = {
  state: FoldState
  readonly counts: { commits: number; claims: number; heartbeats: number; ignored: number }
  readonly voids: Verification['voids']
  readonly voided: Verification['voided']
  readonly judge: Judge
  readonly sums: Sums
  readonly unsettled: Unsettled
  readonly closings: Closings
  readonly sealedOtherwise: SealedOtherwise[]
  readonly alarms: Alarms
  readonly comparison: KeptComparison | undefined
  readonly faults: VerifyFault[]
  /** Folds between which a payment that is given back is found. */
  readonly marks: FoldState[]
  readonly marker: Marker
  faultCount: number
}

const MOST_FAULTS = 100
const MOST_VOIDED = 50
const MOST_UNSETTLED = 1_000

function newAudit(partition: number, kept: Kept | undefined): Audit {
  return {
    state: initialFold(partition),
    counts: { commits: 0, claims: 0, heartbeats: 0, ignored: 0 },
    voids: {
      ...{ stale_genesis: 0, stale_claim: 0, stale_epoch: 0, duplicate: 0 },
      ...{ chain_broken: 0, fork: 0, epoch_never_claimed: 0, unreadable_record: 0, resume_mismatch: 0 },
    },
    voided: [],
    judge: createJudge(partition),
    ...{ sums: createSums(), unsettled: createUnsettled() },
    closings: collectClosings(partition),
    sealedOtherwise: [],
    alarms: createAlarms(),
    comparison: kept && createComparison(kept),
    faults: [],
    marks: [],
    marker: createMarker(),
    faultCount: 0,
  }
}

/** False when the fold cannot go on. */
async function takeAll(audit: Audit, log: EventLog, batch: readonly LogRecord[], options: VerifyOptions) {
  for (const record of batch) {
    const folded = foldOrTell(audit, record)
    if (!folded) return false
    const stretch = stretchWithOriginal(folded, audit)
    const original = stretch && (await findCommit(log, stretch, options.signal).catch(noneIfChanged))
    take(audit, record, folded, original, options)
  }
  return true
}

/**
 * What a closing seals is what all of its tenant's accounts stand at, of several partitions those of this one. Any
 * tenant's finance may seal what it likes, so a wrong digest is told beside the faults: the log holds what was decided.
 */
async function checkClosings(audit: Audit, log: EventLog, end: bigint, { signal, onProgress }: VerifyOptions) {
  const { partition } = audit.state
  const closings = audit.closings.standing()
  const last = closings.at(-1)
  if (!last) return
  const sums = createSealedSums(closings, audit.judge.ledger)
  let state = initialFold(partition)
  for await (const batch of log.read(partition, 0n, { signal, maxRecords: 1_000, until: last.offset + 1n })) {
    for (const record of batch) {
      const folded = foldRecord(state, record)
      state = folded.state
      const found = folded.kind === 'counted' ? sums.take(folded.commit) : undefined
      if (found) audit.sealedOtherwise.push(found)
    }
    await onProgress?.(Number(end), Number(end))
  }
}

function foldOrTell(audit: Audit, record: LogRecord): Folded | undefined {
  try {
    return foldRecord(audit.state, record)
  } catch (error) {
    if (!(error instanceof FoldError)) throw error
    tell(audit, { code: error.code, seq: null, detail: `${error.message}; nothing behind it was verified` })
    return undefined
  }
}

/** One that is changed meanwhile is found by the next verification: until then a refund of it is of no payment. */
function noneIfChanged(error: unknown): undefined {
  if (!(error instanceof HistoryError)) throw error
}

/** Where the payment stands that a refund gives back, or is to once a second person approves; before it, in its log. */
function stretchWithOriginal(folded: Folded, { state: before, marks }: Audit): Stretch | undefined {
  const paymentId = folded.kind === 'counted' ? givenBackBy(folded.commit) : undefined
  const place = paymentId && placeOfId(paymentId)
  if (place?.partition !== before.partition || place.seq < 1 || place.seq > before.seq) return undefined
  const next = marks.findLastIndex(({ seq }) => seq < place.seq) + 1
  return stretchBetween(place.seq, marks[next - 1] ?? initialFold(before.partition), marks[next] ?? before)
}

function take(
  audit: Audit,
  record: LogRecord,
  folded: Folded,
  original: Commit | undefined,
  options: VerifyOptions,
): void {
  const before = audit.state
  audit.state = folded.state
  switch (folded.kind) {
    case 'counted':
      keepMarks(audit, before, folded.state, record)
      audit.counts.commits += 1
      for (const fault of audit.judge.take(folded.commit, {
        ...folded.state,
        original,
        partitions: folded.state.genesis?.partitions,
      }))
        tell(audit, fault)
      for (const fault of audit.sums.take(folded.commit, audit.judge.ledger)) tell(audit, fault)
      audit.unsettled.take(folded.commit, audit.judge.ledger)
      audit.closings.take(folded.commit, record.offset)
      audit.comparison?.pass(folded.state)
      options.onCommit?.(folded.state)
      break
    case 'claimed':
      audit.counts.claims += 1
      noteGeneration(audit, folded.claim, record)
      break
    case 'resumed':
      audit.counts.claims += 1
      audit.alarms.accept(folded.resume, before)
      audit.judge.resumed(folded.resume, { partitions: folded.state.genesis?.partitions, hash: folded.state.hash })
      noteGeneration(audit, folded.resume, record)
      audit.comparison?.accept(folded.resume)
      audit.comparison?.pass(folded.state)
      options.onCommit?.(folded.state)
      break
    case 'heartbeat':
      audit.counts.heartbeats += 1
      break
    case 'ignored':
      audit.counts.ignored += 1
      break
    case 'void':
      noteVoid(audit, folded, record)
  }
}

function keepMarks({ marker, marks }: Audit, before: FoldState, behind: FoldState, { value }: LogRecord): void {
  marks.push(...marker.take(before, behind, value.byteLength))
}

function noteVoid(audit: Audit, { reason, named }: Extract<Folded, { kind: 'void' }>, { offset }: LogRecord): void {
  audit.voids[reason] += 1
  if (isAlarm(reason)) audit.alarms.note(reason, audit.state, offset, named)
  if (audit.voided.length < MOST_VOIDED) audit.voided.push({ reason, ...named })
}

function noteGeneration(audit: Audit, claim: Claim | Resume, { offset }: LogRecord): void {
  if (!announcesUnknown(claim)) return
  audit.alarms.note('unknown_generation', audit.state, offset, { epoch: claim.epoch, seq: null })
}

function tell(audit: Audit, found: VerifyFault): void {
  audit.faultCount += 1
  if (audit.faults.length < MOST_FAULTS) audit.faults.push(found)
}

function resultOf(audit: Audit, kept: Kept | undefined, durationMs: number): Verification {
  const { state, counts, voids, voided, sums, alarms, sealedOtherwise, faults, faultCount } = audit
  return {
    partition: state.partition,
    partitions: state.genesis?.partitions ?? null,
    ledgerId: state.genesis?.ledgerId ?? null,
    sound: faultCount === 0,
    records: Number(state.offset),
    ...counts,
    ...{ voids, voided, epoch: state.epoch, seq: state.seq, hash: state.hash, accounts: sums.accounts() },
    sums: sums.byCurrency(),
    accepted: alarms.accepted(),
    comparedWith: kept ? { at: kept.at, position: `${kept.fold.partition}:${kept.fold.seq}` } : null,
    unsettled: audit.unsettled.found().slice(0, MOST_UNSETTLED),
    ...{ sealedOtherwise, faults, faultCount, durationMs: Math.round(durationMs) },
  }
}
