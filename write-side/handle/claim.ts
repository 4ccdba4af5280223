import type { Appended, Appender, EventLog, LogRecord, ReadOptions } from '@micropay/event-log/event-log'
import { digestOf, LogError } from '@micropay/event-log/event-log'
import { FoldError, type Folded, foldRecord, isAlarm } from '@micropay/event-log/fold'
import { alarmError, resumeBehind } from '@micropay/event-log/history'
import type { Clock } from '@micropay/runtime/clock'
import type { Logger } from '@micropay/runtime/logger'
import { encodeClaim, encodeGenesis, type RecordContext } from '@micropay/schemas/log/ledger-record'
import type { VoidReason } from '@micropay/schemas/log/void-reason'
import { PLACEMENT } from '@micropay/schemas/placement'
import type { LedgerState } from '../state/ledger-state.ts'
import { changeOf, changeOfResume, type StateChange } from '../state/partition-state.ts'
import type { OwnerTime } from './owner-time.ts'
import { generationToClaim } from './write-generation.ts'

export type ClaimOptions = {
  readonly eventLog: EventLog
  readonly context: RecordContext
  readonly partitions: number
  readonly ownerId: string
  readonly writeGeneration?: number | undefined
  readonly clock: Clock
  readonly log: Logger
  readonly time: Pick<OwnerTime, 'checkLedger'>
  readonly signal: AbortSignal
  /** Told of each void record that is read. */
  readonly onVoid: (reason: VoidReason, offset: bigint) => void
}

/** Told of each commit that the fold counts: the hash after it names its record. */
export type OnCounted = (hash: string, change: StateChange) => void

/** `newest` is `digestOf` the claim, the last record of the log when it was won; `sentMs` is by the monotonic clock. */
export type Claimed = Appended & {
  readonly claimId: string
  readonly won: boolean
  readonly newest: string
  readonly sentMs: number
}

/**
 * Claims a partition: reads to the end, appends a claim with the next epoch and a fresh id, and reads up to that
 * claim. `won` is false when somebody else's claim stands above ours by then. Every commit on the way is told to
 * `onCounted`, which learns what became of what an earlier append left in doubt. Throws HistoryError, and claims
 * nothing, where the log is evidence of a changed history.
 */
export async function claimPartition(
  options: ClaimOptions,
  state: LedgerState,
  appender: Appender,
  onCounted: OnCounted,
): Promise<Claimed> {
  const { eventLog, context, ownerId, clock, log } = options
  let end = await eventLog.end(context.partition)
  if (end === 0n) end = await appendGenesis(options, appender)
  await catchUp(options, state, end, onCounted)
  checkGenesis(state, options)
  options.time.checkLedger(state.fold)
  const claimId = clock.randomId()
  const claim = {
    epoch: state.fold.epoch + 1,
    claimId,
    ownerId,
    claimedAt: new Date(clock.nowMs()).toISOString(),
    eventGeneration: generationToClaim(state.fold, options.writeGeneration),
  }
  const value = encodeClaim(context, claim)
  const sentMs = clock.monotonicMs()
  const appended = await appender.append([{ key: '', value }])
  await catchUp(options, state, appended.offset + 1n, onCounted)
  const won = state.fold.claimId === claimId
  log.info(
    { partition: context.partition, epoch: claim.epoch, seq: state.fold.seq, generation: claim.eventGeneration, won },
    won ? 'claimed the partition' : 'another claim stands',
  )
  return { ...appended, claimId, won, newest: digestOf(value), sentMs }
}

/** Folds the log into the state up to an offset. Throws HistoryError in front of evidence of a changed history. */
export async function catchUp(
  options: ClaimOptions,
  state: LedgerState,
  to: bigint,
  onCounted: OnCounted,
): Promise<void> {
  await follow(options, state, onCounted, { signal: options.signal, until: to })
  if (state.fold.offset < to) throw new LogError('log_unavailable', 'stopped before the log was read to its end')
}

/** Folds the log into the state, up to an offset or for as long as the signal allows. */
export async function follow(
  options: ClaimOptions,
  state: LedgerState,
  onCounted: OnCounted,
  reading: ReadOptions & FollowHooks,
): Promise<void> {
  const { eventLog, context } = options
  let acceptedTo = 0n
  for await (const records of eventLog.read(context.partition, state.fold.offset, reading)) {
    for (const record of records) {
      const folded = foldRecord(state.fold, record)
      if (folded.kind === 'claimed') await reading.beforeClaim?.()
      if (folded.state.alarm && record.offset >= acceptedTo) {
        acceptedTo = await acceptedBehind(options, state, folded, record)
      }
      take(state, folded, record, options, onCounted)
    }
    await reading.onRead?.()
    await state.room()
  }
}

/** Both are awaited: `beforeClaim` before a claim is taken over, and `onRead` after each batch. */
type FollowHooks = { readonly beforeClaim?: () => Promise<void>; readonly onRead?: () => Promise<void> }

/** Where the resume ends by which a person has accepted what stands here; without one nobody goes on. */
async function acceptedBehind(
  { eventLog, log, signal, onVoid }: ClaimOptions,
  { fold }: LedgerState,
  folded: Folded,
  record: LogRecord,
): Promise<bigint> {
  const behind = await resumeBehind(eventLog, fold, signal)
  if (behind !== undefined) return behind
  const { partition, alarm } = folded.state
  const facts = { partition, offset: record.offset.toString(), alarm: alarm?.reason }
  log.error(facts, 'a record is evidence that history was changed')
  if (folded.kind === 'void') onVoid(folded.reason, record.offset)
  throw alarmError(folded.state)
}

function take(
  state: LedgerState,
  folded: Folded,
  { offset, value }: LogRecord,
  { context, log, onVoid }: ClaimOptions,
  onCounted: OnCounted,
): void {
  if (folded.kind === 'counted') {
    const change = changeOf(folded.commit, state, { partition: context.partition, hash: folded.state.hash })
    state.count(change, folded.state, value.byteLength)
    onCounted(folded.state.hash, change)
    return
  }
  if (folded.kind === 'resumed') {
    const partitions = folded.state.genesis?.partitions ?? 1
    const place = { partition: context.partition, partitions, hash: folded.state.hash }
    state.count(changeOfResume(folded.resume, state, place), folded.state, value.byteLength)
    return
  }
  if (folded.kind === 'void') {
    const { reason } = folded
    // A person has accepted what is no news any more, and there may be as many as there are records.
    if (!isAlarm(reason)) {
      log.warn({ partition: context.partition, offset: offset.toString(), reason }, 'a void record')
      onVoid(reason, offset)
    }
  }
  state.skip(folded.state)
}

/** Answers the offset behind it: somebody else's may stand in front of it. */
async function appendGenesis({ context, partitions, clock, log }: ClaimOptions, appender: Appender): Promise<bigint> {
  const { ledgerId, partition } = context
  const genesis = { ledgerId, partition, partitions, placement: PLACEMENT, hash: 'sha-256' as const }
  const value = encodeGenesis(context, genesis, new Date(clock.nowMs()).toISOString())
  const { offset } = await appender.append([{ key: '', value }])
  log.info(genesis, 'a new ledger begins')
  return offset + 1n
}

/** A process that is configured for another ledger, or another number of partitions, refuses to serve this one. */
function checkGenesis(state: LedgerState, { context, partitions }: ClaimOptions): void {
  const { genesis } = state.fold
  if (!genesis) throw new FoldError('no_genesis', 'the log does not begin with a genesis record')
  const wrong =
    genesis.ledgerId !== context.ledgerId
      ? `the log holds the ledger ${genesis.ledgerId}, and LEDGER_ID is ${context.ledgerId}`
      : genesis.partitions !== partitions
        ? `the ledger has ${genesis.partitions} partitions, and PARTITIONS is ${partitions}`
        : genesis.placement !== PLACEMENT
          ? `the ledger places accounts by ${genesis.placement}, and this process by ${PLACEMENT}`
          : undefined
  if (wrong) throw new FoldError('wrong_ledger', wrong)
}
