import { type Appender, type EventLog, LogError } from '@micropay/event-log/event-log'
import { FoldError, type FoldState } from '@micropay/event-log/fold'
import type { Clock } from '@micropay/runtime/clock'
import type { Lease } from '@micropay/runtime/leases'
import type { Logger } from '@micropay/runtime/logger'
import { encodeHeartbeat, type RecordContext } from '@micropay/schemas/log/ledger-record'
import type { LedgerState } from '../state/ledger-state.ts'
import type { StateStore } from '../state/state-store.ts'
import { type ClaimOptions, catchUp, claimPartition } from './claim.ts'
import type { CommandRequest, CommandResult } from './command.ts'
import { createCommandQueue, unknownOutcome, type Waiting } from './command-queue.ts'
import { createDoubt, type OpenDraft } from './doubt.ts'
import { draftBatch } from './group-commit.ts'
import { createOwnerMeter, type OwnerMeter } from './owner-meter.ts'

/**
 * The one that decides for a partition: it takes the lease, claims the partition in the log, and then appends batch after batch, one in
 * flight at a time. A command is answered with success exactly when its own record counts.
 */
export type PartitionOwner = {
  /** Resolves when it is known what became of the command, or when that takes too long. Never rejects. */
  submit(request: CommandRequest): Promise<CommandResult>
  /** Undefined while it serves, otherwise what it waits for. */
  notServingBecause(): string | undefined
  status(): OwnerStatus
  /** Takes no more commands, finishes those it has, writes its state, and gives the lease back. */
  stop(): Promise<void>
}

export type OwnerStatus = ReturnType<OwnerMeter['read']> & {
  readonly partition: number
  readonly phase: Phase
  readonly epoch: number
  readonly seq: number
  readonly queued: number
  /** Commands handed to the log whose outcome is not known yet. */
  readonly inDoubt: number
  /** Commits that count and are not in the state on disk yet. */
  readonly stateLagCommits: number
  /** Void records in the part of the log that the state reflects. */
  readonly voidsInLog: number
}
type Phase = 'waiting for the lease' | 'claiming the partition' | 'serving' | 'stopped'

export type PartitionOwnerOptions = {
  readonly eventLog: EventLog
  readonly openStore: () => StateStore
  readonly lease: Lease
  readonly context: RecordContext
  readonly partitions: number
  readonly ownerId: string
  readonly clock: Clock
  readonly log: Logger
  readonly limits?: Partial<OwnerLimits>
  /** Called when this worker can never serve the partition: another ledger, or a log that cannot be read. */
  readonly onFatal: (error: Error) => void
}

export type OwnerLimits = {
  /** Commands decided in one append at most. */
  readonly batchCommits: number
  readonly queuedCommands: number
  /** How long a caller waits for an outcome before the answer is 504 (or 503, when the command was not even decided). */
  readonly answerWithinMs: number
  readonly heartbeatMs: number
}

const defaultLimits: OwnerLimits = {
  batchCommits: 1_000,
  queuedCommands: 20_000,
  answerWithinMs: 10_000,
  heartbeatMs: 5_000,
}

export function startPartitionOwner(options: PartitionOwnerOptions): PartitionOwner {
  const limits = { ...defaultLimits, ...options.limits }
  const { clock, log, lease, context } = options
  const { partition } = context
  const queue = createCommandQueue(limits, clock)
  const stopping = new AbortController()
  const closing = new AbortController()
  const doubt = createDoubt(partition)
  const meter = createOwnerMeter(clock)
  let phase: Phase = 'claiming the partition'
  let state: LedgerState | undefined
  let openedStore: StateStore | undefined
  /** The fold before what is in doubt, while there is no state. */
  let lastFold: FoldState | undefined
  /** Claims in a row that led to no append: each makes the next one wait longer. */
  let failures = 0

  /** A claim above our epoch was read: what is still in doubt may be decided again, here or by the next owner. */
  function settleVoid(mine: boolean): void {
    const open = doubt.takeVoid()
    if (mine) queue.putBack(open)
    else for (const waiting of open) waiting.settle(notOwner('another worker took this partition over'))
  }

  /** Claims the partition and serves it for as long as it is ours. */
  async function ownOnce(): Promise<void> {
    const store = options.openStore()
    openedStore = store
    let appender: Appender | undefined
    try {
      appender = await options.eventLog.openAppender(partition)
      const onRestored = (restored: LedgerState) => {
        state = restored
      }
      const claim: ClaimOptions = {
        ...options,
        ...{ store, signal: closing.signal, onRestored, onVoid: meter.voided },
      }
      const claimed = await claimPartition(claim, appender, doubt.counted)
      settleVoid(claimed.won)
      if (claimed.won) await serve(claim, claimed.state, claimed.claimId, appender)
    } finally {
      phase = 'claiming the partition'
      await appender
        ?.close()
        .catch((error: unknown) => log.warn({ err: error, partition }, 'the appender did not close'))
      await state
        ?.flush()
        .catch((error: unknown) => log.warn({ err: error, partition }, 'the state was not written to its end'))
      openedStore = undefined
      await store.close()
      lastFold = state?.fold ?? lastFold
      state = undefined
    }
  }

  async function serve(claim: ClaimOptions, ledger: LedgerState, claimId: string, appender: Appender): Promise<void> {
    phase = 'serving'
    while (!(stopping.signal.aborted && queue.size() === 0)) {
      // Before the commands are taken: from then on until they are drafted nothing may wait, or they could be answered in between.
      await ledger.room()
      const waiting = await queue.take(limits.batchCommits, limits.heartbeatMs, stopping.signal)
      if (waiting.length === 0 && stopping.signal.aborted) continue
      if (!(await appendBatch(claim, ledger, claimId, appender, waiting))) return
      failures = 0
    }
  }

  /** False when the partition is no longer ours. */
  async function appendBatch(
    claim: ClaimOptions,
    ledger: LedgerState,
    claimId: string,
    appender: Appender,
    waiting: readonly Waiting[],
  ): Promise<boolean> {
    const onBug = (error: unknown, request: CommandRequest) =>
      log.error({ err: error, command: request.command.type, key: request.idempotencyKey }, 'a decision threw')
    const { drafts, settled, left } = draftBatch(waiting, ledger, context, clock.nowMs(), onBug)
    queue.putBack(left)
    for (const { entry, result } of settled) entry.settle(result)
    if (waiting.length > 0 && drafts.length === 0) return true
    for (const draft of drafts) {
      draft.entry.drafted = true
      doubt.add(draft)
    }
    const records = drafts.length > 0 ? drafts.map((draft) => draft.record) : [heartbeat(ledger)]
    const startedMs = clock.monotonicMs()
    const base = await appender.append(records)
    meter.appended(clock.monotonicMs() - startedMs)
    if (base < ledger.fold.offset) {
      throw new LogError(
        'log_truncated',
        `appended at ${base}, and the log had reached ${ledger.fold.offset} before: it lost records`,
      )
    }
    if (base === ledger.fold.offset) {
      countBatch(ledger, drafts, records.length)
      return true
    }
    await catchUp(claim, ledger, base + BigInt(records.length), doubt.counted)
    if (ledger.fold.claimId !== claimId) {
      log.warn({ partition, epoch: ledger.fold.epoch }, 'deposed: another worker claimed the partition')
      settleVoid(false)
      // What waits behind must not be decided before what was just refused: its callers send all of it again, in order.
      queue.refuseAll(notOwner('another worker took this partition over'))
      return false
    }
    if (doubt.size() > 0) throw new LogError('append_unknown', 'our own records do not count: claiming again')
    return true
  }

  /** The append's offset is the next one expected, so nothing lies between: the batch counts by construction. */
  function countBatch(ledger: LedgerState, drafts: readonly OpenDraft[], appended: number): void {
    let { fold } = ledger
    meter.counted(drafts.length)
    if (drafts.length === 0) ledger.skip({ ...fold, offset: fold.offset + BigInt(appended) })
    for (const draft of drafts) {
      fold = { ...fold, seq: fold.seq + 1, hash: draft.hash, offset: fold.offset + 1n }
      ledger.count(draft.change, fold)
      doubt.counted(draft.hash, draft.change)
    }
  }

  function heartbeat(ledger: LedgerState) {
    const at = new Date(clock.nowMs()).toISOString()
    return { key: '', value: encodeHeartbeat(context, { epoch: ledger.fold.epoch, at }) }
  }

  /** Waits for the lease. While another worker has it, callers are told at once, so that they can go there. */
  async function acquireLease(): Promise<boolean> {
    const waited = new AbortController()
    let watching: Promise<void> | undefined
    const acquired = await lease.acquire(stopping.signal, () => {
      phase = 'waiting for the lease'
      const elsewhere = notOwner('another worker has this partition')
      queue.refuseAll(elsewhere)
      if (doubt.size() > 0 && lastFold) watching ??= watchDoubt(lastFold, waited.signal, elsewhere)
    })
    waited.abort()
    await watching
    return acquired
  }

  function watchDoubt(fold: FoldState, signal: AbortSignal, orElse: CommandResult): Promise<void> {
    return doubt.watch(options.eventLog, fold, signal, orElse).catch((error: unknown) => {
      log.warn({ err: error, partition }, 'what is in doubt could not be read from the log: the next claim will tell')
    })
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      if (!(await acquireLease())) break
      phase = 'claiming the partition'
      try {
        await ownOnce()
      } catch (error) {
        reportFailure(error)
      }
      failures += 1
      if (!stopping.signal.aborted) await clock.sleep(Math.min(5_000, 20 * 2 ** failures), stopping.signal)
    }
    phase = 'stopped'
    doubt.giveUp(unknownOutcome)
    queue.close(notOwner('this worker is shutting down'))
    await lease.release()
  }

  function reportFailure(error: unknown): void {
    log.error({ err: error, partition, inDoubt: doubt.size() }, 'the partition was given up: claiming it again')
    const fatal = error instanceof FoldError || (error instanceof LogError && error.code === 'log_truncated')
    if (fatal) options.onFatal(error)
  }

  const running = run()
  return {
    submit: (request) => {
      if (stopping.signal.aborted) return Promise.resolve(notOwner('this worker is shutting down'))
      if (phase === 'waiting for the lease') return Promise.resolve(notOwner('another worker has this partition'))
      return queue.add(request)
    },
    notServingBecause: () => {
      if (stopping.signal.aborted) return `partition ${partition}: shutting down`
      return phase === 'serving' ? undefined : `partition ${partition}: ${phase}`
    },
    status: () => {
      const fold = state?.fold ?? lastFold
      return {
        ...{ partition, phase, epoch: fold?.epoch ?? 0, seq: fold?.seq ?? 0, voidsInLog: fold?.voids ?? 0 },
        ...{ queued: queue.size(), inDoubt: doubt.size() },
        stateLagCommits: state && openedStore ? state.fold.seq - (openedStore.mark()?.fold.seq ?? 0) : 0,
        ...meter.read(),
      }
    },
    async stop() {
      stopping.abort()
      const timer = setTimeout(() => closing.abort(), limits.answerWithinMs)
      await running
      clearTimeout(timer)
    },
  }
}

function notOwner(reason: string): CommandResult {
  return {
    kind: 'refused',
    code: 'not_owner',
    detail: `${reason}: nothing was appended, send it again with the same key`,
    retryAfterSeconds: 1,
  }
}
