import type { Clock } from '@micropay/deploy/runtime/clock'
import type { Lease } from '@micropay/deploy/runtime/leases'
import type { Logger } from '@micropay/deploy/runtime/logger'
import { encodeHeartbeat, type RecordContext } from '@micropay/schemas/ledger-record'
import { type Appender, type EventLog, LogError } from '../append/event-log.ts'
import { FoldError } from '../append/fold.ts'
import type { LedgerState } from '../state/ledger-state.ts'
import type { StateChange } from '../state/partition-state.ts'
import type { StateStore } from '../state/state-store.ts'
import { answerOf } from './answer.ts'
import { type ClaimOptions, catchUp, claimPartition } from './claim.ts'
import type { CommandRequest, CommandResult } from './command.ts'
import { createCommandQueue, type Waiting } from './command-queue.ts'
import { type Draft, draftBatch } from './group-commit.ts'

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

export type OwnerStatus = {
  readonly partition: number
  readonly phase: Phase
  readonly epoch: number
  readonly seq: number
  readonly queued: number
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
  batchCommits: 500,
  queuedCommands: 20_000,
  answerWithinMs: 10_000,
  heartbeatMs: 5_000,
}

type OpenDraft = Draft<Waiting>

export function startPartitionOwner(options: PartitionOwnerOptions): PartitionOwner {
  const limits = { ...defaultLimits, ...options.limits }
  const { clock, log, lease, context } = options
  const { partition } = context
  const queue = createCommandQueue(limits, clock)
  const stopping = new AbortController()
  const closing = new AbortController()
  /** Drafts whose append ended in an error, by hash: the fold will say whether they count. */
  const doubt = new Map<string, OpenDraft>()
  let phase: Phase = 'claiming the partition'
  let state: LedgerState | undefined

  const settleCounted = (hash: string, change: StateChange) => {
    const draft = doubt.get(hash)
    if (!draft) return
    doubt.delete(hash)
    settleDraft(draft, change)
  }
  const settleDraft = (draft: OpenDraft, change: StateChange) =>
    draft.entry.settle(answerOf(draft.entry.request, change.keyEntry, partition, false))

  /** A claim above our epoch was read: what is still in doubt is void for ever, so it may be decided again, here or by the next owner. */
  function settleVoid(mine: boolean): void {
    const open = [...doubt.values()].map((draft) => draft.entry)
    doubt.clear()
    if (mine) queue.putBack(open)
    else for (const waiting of open) waiting.settle(notOwner('another worker took this partition over'))
  }

  async function ownOnce(): Promise<boolean> {
    const store = options.openStore()
    const appender = await options.eventLog.openAppender(partition)
    try {
      const claim: ClaimOptions = { ...options, store, signal: closing.signal }
      const claimed = await claimPartition(claim, appender, settleCounted)
      settleVoid(claimed.won)
      state = claimed.state
      if (claimed.won) await serve(claim, claimed.state, claimed.claimId, appender)
      return claimed.won
    } finally {
      phase = 'claiming the partition'
      await appender
        .close()
        .catch((error: unknown) => log.warn({ err: error, partition }, 'the appender did not close'))
      await state
        ?.flush()
        .catch((error: unknown) => log.warn({ err: error, partition }, 'the state was not written to its end'))
      await store.close()
      state = undefined
    }
  }

  async function serve(claim: ClaimOptions, ledger: LedgerState, claimId: string, appender: Appender): Promise<void> {
    phase = 'serving'
    while (!(stopping.signal.aborted && queue.size() === 0)) {
      const waiting = await queue.take(limits.batchCommits, limits.heartbeatMs, stopping.signal)
      if (waiting.length === 0 && stopping.signal.aborted) continue
      await ledger.room()
      if (!(await appendBatch(claim, ledger, claimId, appender, waiting))) return
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
    const { drafts, settled } = draftBatch(waiting, ledger, context, clock.nowMs(), onBug)
    for (const { entry, result } of settled) entry.settle(result)
    if (waiting.length > 0 && drafts.length === 0) return true
    for (const draft of drafts) {
      draft.entry.drafted = true
      doubt.set(draft.hash, draft)
    }
    const records = drafts.length > 0 ? drafts.map((draft) => draft.record) : [heartbeat(ledger)]
    const base = await appender.append(records)
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
    await catchUp(claim, ledger, base + BigInt(records.length), settleCounted)
    if (ledger.fold.claimId !== claimId) {
      log.warn({ partition, epoch: ledger.fold.epoch }, 'deposed: another worker claimed the partition')
      settleVoid(false)
      return false
    }
    if (doubt.size > 0) throw new LogError('append_unknown', 'our own records do not count: claiming again')
    return true
  }

  /** The append's offset is the next one expected, so nothing lies between: the batch counts by construction. */
  function countBatch(ledger: LedgerState, drafts: readonly OpenDraft[], appended: number): void {
    let { fold } = ledger
    if (drafts.length === 0) ledger.skip({ ...fold, offset: fold.offset + BigInt(appended) })
    for (const draft of drafts) {
      fold = { ...fold, seq: fold.seq + 1, hash: draft.hash, offset: fold.offset + 1n }
      ledger.count(draft.change, fold)
      doubt.delete(draft.hash)
      settleDraft(draft, draft.change)
    }
  }

  function heartbeat(ledger: LedgerState) {
    const at = new Date(clock.nowMs()).toISOString()
    return { key: '', value: encodeHeartbeat(context, { epoch: ledger.fold.epoch, at }) }
  }

  /** Another worker has the lease: callers are told at once, so that they can go there. */
  function standBy(): void {
    phase = 'waiting for the lease'
    queue.refuseAll(notOwner('another worker has this partition'))
  }

  async function run(): Promise<void> {
    let failures = 0
    while (!stopping.signal.aborted) {
      if (!(await lease.acquire(stopping.signal, standBy))) break
      phase = 'claiming the partition'
      const startedMs = clock.monotonicMs()
      try {
        await ownOnce()
      } catch (error) {
        reportFailure(error)
      }
      failures = clock.monotonicMs() - startedMs > 30_000 ? 0 : failures + 1
      if (!stopping.signal.aborted) await clock.sleep(Math.min(5_000, 20 * 2 ** failures), stopping.signal)
    }
    phase = 'stopped'
    for (const draft of doubt.values()) draft.entry.settle(unknownOutcome())
    queue.close(notOwner('this worker is shutting down'))
    await lease.release()
  }

  function reportFailure(error: unknown): void {
    log.error({ err: error, partition, inDoubt: doubt.size }, 'the partition was given up: claiming it again')
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
    notServingBecause: () => (phase === 'serving' ? undefined : `partition ${partition}: ${phase}`),
    status: () => ({
      partition,
      phase,
      epoch: state?.fold.epoch ?? 0,
      seq: state?.fold.seq ?? 0,
      queued: queue.size(),
    }),
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

export function unknownOutcome(): CommandResult {
  const detail =
    'it is not known yet whether the command counts: ask again with the same key, which never makes it happen twice'
  return { kind: 'refused', code: 'outcome_unknown', detail, retryAfterSeconds: 1 }
}
