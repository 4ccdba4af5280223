import type { Appender, EventLog, LogRecord } from '@micropay/event-log/event-log'
import { LogError } from '@micropay/event-log/event-log'
import { FoldError, foldRecord, nextHash } from '@micropay/event-log/fold'
import type { Clock } from '@micropay/runtime/clock'
import type { Logger } from '@micropay/runtime/logger'
import { EVENT_GENERATION } from '@micropay/schemas/log/event'
import { encodeClaim, encodeGenesis, type RecordContext } from '@micropay/schemas/log/ledger-record'
import type { VoidReason } from '@micropay/schemas/log/void-reason'
import { PLACEMENT } from '@micropay/schemas/placement'
import { createLedgerState, type LedgerState } from '../state/ledger-state.ts'
import { changeOf, type StateChange } from '../state/partition-state.ts'
import type { StateStore } from '../state/state-store.ts'

export type ClaimOptions = {
  readonly eventLog: EventLog
  readonly store: StateStore
  readonly context: RecordContext
  readonly partitions: number
  readonly ownerId: string
  readonly clock: Clock
  readonly log: Logger
  readonly signal: AbortSignal
  /** Told of each void record that is read. */
  readonly onVoid: (reason: VoidReason, offset: bigint) => void
  /** Told of the state as soon as there is one, so that it can be written to its end whatever happens to the claim. */
  readonly onRestored: (state: LedgerState) => void
}

/** Told of each commit that the fold counts: the hash after it names its record. */
export type OnCounted = (hash: string, change: StateChange) => void

export type Claimed = { readonly state: LedgerState; readonly claimId: string; readonly won: boolean }

/**
 * Claims a partition: reads to the end, appends a claim with the next epoch and a fresh id, and reads up to that
 * claim. `won` is false when somebody else's claim stands above ours by then. Every commit on the way is told to
 * `onCounted`, which settles what an earlier append left in doubt.
 */
export async function claimPartition(
  options: ClaimOptions,
  appender: Appender,
  onCounted: OnCounted,
): Promise<Claimed> {
  const { eventLog, context, ownerId, clock, log } = options
  if ((await eventLog.end(context.partition)) === 0n) await appendGenesis(options, appender)
  const state = await restoreState(options)
  options.onRestored(state)
  await catchUp(options, state, await eventLog.end(context.partition), onCounted)
  checkGenesis(state, options)
  const claimId = clock.randomId()
  const claim = {
    epoch: state.fold.epoch + 1,
    claimId,
    ownerId,
    claimedAt: new Date(clock.nowMs()).toISOString(),
    eventGeneration: EVENT_GENERATION,
  }
  const { offset } = await appender.append([{ key: '', value: encodeClaim(context, claim) }])
  await catchUp(options, state, offset + 1n, onCounted)
  const won = state.fold.claimId === claimId
  log.info(
    { partition: context.partition, epoch: claim.epoch, seq: state.fold.seq, won },
    won ? 'claimed the partition' : 'another claim stands',
  )
  return { state, claimId, won }
}

type ReadContext = Pick<ClaimOptions, 'eventLog' | 'context' | 'log' | 'signal' | 'onVoid'>

/** Folds the log into the state up to an offset, and says loudly what should not be there. */
export async function catchUp(
  options: ReadContext,
  state: LedgerState,
  to: bigint,
  onCounted: OnCounted,
): Promise<void> {
  const { eventLog, context, signal } = options
  for await (const records of eventLog.read(context.partition, state.fold.offset, { signal, until: to })) {
    for (const record of records) foldInto(state, record, options, onCounted)
    await state.room()
  }
  if (state.fold.offset < to) throw new LogError('log_unavailable', 'stopped before the log was read to its end')
}

function foldInto(state: LedgerState, record: LogRecord, options: ReadContext, onCounted: OnCounted): void {
  const folded = foldRecord(state.fold, record)
  if (folded.kind === 'counted') {
    const change = changeOf(folded.commit, state)
    state.count(change, folded.state)
    onCounted(folded.state.hash, change)
    return
  }
  if (folded.kind === 'void') {
    reportVoid(folded.reason, record.offset, options.context.partition, options.log)
    options.onVoid(folded.reason, record.offset)
  }
  state.skip(folded.state)
}

function reportVoid(reason: VoidReason, offset: bigint, partition: number, log: Logger): void {
  const facts = { partition, offset: offset.toString(), reason }
  if (reason === 'chain_broken')
    log.error({ ...facts, alarm: 'chain_broken' }, 'a commit of the current epoch does not follow the chain')
  else log.warn(facts, 'a record of the log is void')
}

async function appendGenesis({ context, partitions, clock, log }: ClaimOptions, appender: Appender): Promise<void> {
  const { ledgerId, partition } = context
  const genesis = { ledgerId, partition, partitions, placement: PLACEMENT, hash: 'sha-256' as const }
  await appender.append([{ key: '', value: encodeGenesis(context, genesis, new Date(clock.nowMs()).toISOString()) }])
  log.info(genesis, 'a new ledger begins')
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

/**
 * The state on disk, if the log agrees with it: the record of its newest commit must lead to its hash. Otherwise (the
 * log was replaced, or is shorter, or the state does not say how far it is) it is thrown away and folded anew.
 */
async function restoreState(options: ClaimOptions): Promise<LedgerState> {
  const { store, context, eventLog, log } = options
  const mark = store.mark()
  // What cannot be placed must not be folded upon: an account would be opened twice.
  if (!mark) await store.clear()
  else if (!(await agrees(options, mark, await eventLog.end(context.partition)))) {
    log.warn(
      { partition: context.partition, seq: mark.fold.seq },
      'the state on disk does not belong to this log: folding it anew',
    )
    await store.clear()
  }
  return createLedgerState(store, context.partition, log)
}

async function agrees(
  options: ClaimOptions,
  mark: NonNullable<ReturnType<StateStore['mark']>>,
  end: bigint,
): Promise<boolean> {
  const { eventLog, context, signal } = options
  if (mark.fold.offset > end) return false
  const from = mark.lastCommit?.offset ?? 0n
  for await (const [record] of eventLog.read(context.partition, from, { signal, until: from + 1n })) {
    if (!record) continue
    return mark.lastCommit
      ? nextHash(mark.lastCommit.previousHash, record.value) === mark.fold.hash
      : foldRecord({ ...mark.fold, genesis: undefined, offset: 0n }, record).state.hash === mark.fold.hash
  }
  return false
}
