import { type Appender, digestOf, LogError } from '@micropay/event-log/event-log'
import { countedFold, type FoldState } from '@micropay/event-log/fold-state'
import { encodeHeartbeat } from '@micropay/schemas/log/ledger-record'
import type { LedgerState } from '../state/ledger-state.ts'
import { type ClaimOptions, catchUp } from './claim.ts'
import { isStep, type OwnerRequest } from './command.ts'
import type { Waiting } from './command-queue.ts'
import type { OpenDraft } from './doubt.ts'
import { draftBatch } from './group-commit.ts'
import type { Ownership } from './ownership.ts'
import { notOwner, unknownOutcome } from './refusals.ts'
import { checkStillThere, mustLeadTo, newestOf } from './still-there.ts'
import { traceBatch } from './trace-batch.ts'

/** A partition that was claimed: for as long as no other claim is read, what is appended next counts. */
export type OwnedPartition = {
  readonly claim: ClaimOptions
  readonly claimId: string
  readonly ledger: LedgerState
  readonly appender: Appender
  /** When something of ours came into the log, by the monotonic clock. */
  appendedMs: number
  /** When the log was last asked and had what this owner decides on, by the monotonic clock. */
  askedMs: number
  /** `digestOf` the last record that this owner knows to stand in the log. */
  newest: string
}

/**
 * Decides what waits, appends it (a heartbeat, if nothing waits) and answers what counts. False when the partition is
 * no longer ours.
 */
export async function appendBatch(
  owner: Ownership,
  owned: OwnedPartition,
  waiting: readonly Waiting[],
): Promise<boolean> {
  const { clock, doubt, meter, time, limits, sagas } = owner
  const { ledger, appender } = owned
  const takenMs = clock.monotonicMs()
  const decidedAt = stampFor(owner, ledger, waiting)
  const drafts = draftAll(owner, ledger, waiting, { decidedAt, takenMs })
  const beats = clock.monotonicMs() - owned.appendedMs >= limits.heartbeatMs
  // What needs no append must not keep the beat from coming either.
  if (waiting.length > 0 && drafts.length === 0 && !beats) return true
  const untraced = drafts.length > 0 ? drafts.map((draft) => draft.record) : [heartbeat(owner, ledger)]
  const startedMs = clock.monotonicMs()
  const first = { partition: owner.partition, seq: ledger.fold.seq + 1 }
  const traced = traceBatch(drafts, first, { takenMs, decidedMs: startedMs })
  const records = traced?.records ?? untraced
  const appending = appender.append(records)
  const { offset: base, storeMs, behind } = await (traced ? traced.during(appending) : appending)
  traced?.tell(sagas.trace)
  owned.appendedMs = clock.monotonicMs()
  meter.appended(owned.appendedMs - startedMs)
  if (base < ledger.fold.offset) {
    throw new LogError(
      'log_truncated',
      `appended at ${base}, and the log had reached ${ledger.fold.offset} before: it lost records`,
    )
  }
  const before = owned.newest
  owned.newest = digestOf(records.at(-1)?.value ?? new Uint8Array())
  if (base === ledger.fold.offset) {
    if (behind !== undefined && behind !== before) await checkRegrown(owner, ledger.fold)
    const last = {
      offset: base + BigInt(records.length) - 1n,
      isIt: (value: Uint8Array) => digestOf(value) === owned.newest,
    }
    // Of a heartbeat nobody is told.
    owned.askedMs = drafts.length > 0 ? await checkStillThere(owner, ledger.fold, last, startedMs) : startedMs
    countBatch(owner, ledger, drafts, records.length)
    time.check(ledger.fold, storeMs, startedMs)
    return true
  }
  // Somebody else wrote, or what this owner had read was cut off and has grown again: its claim may be gone with it.
  const sinceMs = clock.monotonicMs()
  await mustLeadTo(owner, ledger.fold)
  await catchUp(owned.claim, ledger, base + BigInt(records.length), doubt.counted)
  owned.askedMs = await checkStillThere(owner, ledger.fold, newestOf(ledger.fold), sinceMs)
  doubt.tellCounted()
  sagas.lookAgain()
  if (ledger.fold.claimId !== owned.claimId) {
    deposed(owner, ledger)
    return false
  }
  if (doubt.size() > 0) throw new LogError('append_unknown', 'our own records do not count: claiming again')
  return true
}

/**
 * The record in front of what was appended is another one than this owner knows. The log lost records and has grown
 * again; or that one never counted, and a digit of it was changed, which is no matter.
 */
async function checkRegrown(owner: Ownership, fold: FoldState): Promise<void> {
  const { log, partition } = owner
  await mustLeadTo(owner, fold)
  log.warn({ partition, offset: String(fold.offset - 1n) }, 'a record was changed that does not count')
}

/** A claim above our epoch was read: what is still in doubt may be decided again, here or by the next owner. */
export function settleVoid({ doubt, queue }: Ownership, mine: boolean): void {
  const open = doubt.takeVoid()
  if (mine) queue.putBack(open)
  else for (const waiting of open) waiting.settle(takenOver)
}

const takenOver = notOwner('another worker took this partition over')

/** When this batch is decided. A clock that cannot be trusted decides nothing: what waits goes on waiting. */
function stampFor({ time, queue }: Ownership, ledger: LedgerState, waiting: readonly Waiting[]): string {
  try {
    return time.stamp(ledger.fold)
  } catch (error) {
    queue.putBack(waiting)
    throw error
  }
}

/** Drafts what waits and answers what needs no append. From here on only the fold says what became of a draft. */
function draftAll(
  owner: Ownership,
  ledger: LedgerState,
  waiting: readonly Waiting[],
  { decidedAt, takenMs }: { readonly decidedAt: string; readonly takenMs: number },
): readonly OpenDraft[] {
  const { queue, doubt, context, log, sagas } = owner
  const onBug = (error: unknown, request: OwnerRequest) =>
    log.error({ err: error, ...nameOf(request) }, 'a decision threw, or led to a record that nobody can read')
  const { others } = sagas
  const { drafts, settled, untaken, left } = draftBatch(waiting, ledger, context, decidedAt, onBug, { others })
  queue.putBack(left)
  for (const { entry, outcome } of untaken) {
    entry.settle(unknownOutcome)
    if (isStep(entry.request)) sagas.untaken(entry.request.step, outcome)
  }
  for (const { entry, result } of settled) entry.settle(result)
  for (const draft of drafts) {
    draft.entry.drafted = true
    doubt.add(draft, takenMs)
  }
  return drafts
}

function nameOf(request: OwnerRequest): object {
  if (isStep(request)) return { step: request.step }
  return { command: request.command.type, key: request.idempotencyKey }
}

/** The append's offset is the next one expected, so nothing lies between: the batch counts by construction. */
function countBatch(
  { meter, doubt, sagas }: Ownership,
  ledger: LedgerState,
  drafts: readonly OpenDraft[],
  appended: number,
): void {
  let { fold } = ledger
  meter.counted(drafts.length)
  if (drafts.length === 0) ledger.skip({ ...fold, offset: fold.offset + BigInt(appended) })
  for (const draft of drafts) {
    fold = countedFold({ ...fold, offset: fold.offset + 1n }, draft.hash, draft.change.decidedAt)
    ledger.count(draft.change, fold, draft.record.value.byteLength)
    doubt.counted(draft.hash, draft.change)
  }
  doubt.tellCounted()
  sagas.counted(drafts.map(({ change }) => change))
}

function deposed(owner: Ownership, ledger: LedgerState): void {
  const { partition, queue, log } = owner
  log.warn({ partition, epoch: ledger.fold.epoch }, 'deposed: another worker claimed the partition')
  settleVoid(owner, false)
  // What waits behind must not be decided before what was just refused: its callers send all of it again, in order.
  queue.refuseAll(takenOver)
}

function heartbeat({ context, clock }: Ownership, ledger: LedgerState) {
  const at = new Date(clock.nowMs()).toISOString()
  return { key: '', value: encodeHeartbeat(context, { epoch: ledger.fold.epoch, at }) }
}
