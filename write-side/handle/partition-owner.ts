import { whenIdle } from '@micropay/runtime/when-idle'
import type { AccountId } from '@micropay/schemas/identifiers'
import type { Message } from '@micropay/schemas/log/message'
import { accountKey, accounts } from '../decide/account.ts'
import type { Elsewhere } from '../decide/ledger.ts'
import { isSaid } from '../decide/saga-messages.ts'
import { scopedKeyOf } from '../state/partition-state.ts'
import { answerOf } from './answer.ts'
import { type CommandRequest, type CommandResult, isPending } from './command.ts'
import { createOriginalFinder } from './find-original.ts'
import { runLeaseLoop } from './lease-loop.ts'
import { notServingBecause, type OwnerStatus, statusOf } from './owner-status.ts'
import { createOwnership, type Ownership, type OwnershipOptions } from './ownership.ts'
import { createProgress } from './progress.ts'
import { elsewhere, inFlight, ledgerStopped, shuttingDown, unknownOutcome, unleased } from './refusals.ts'

/**
 * The one that decides for a partition: it takes the lease, claims the partition in the log, and then appends batch
 * after batch, one in flight at a time. A command is answered with success exactly when its own record counts.
 */
export type PartitionOwner = {
  /** Resolves when it is known what became of the command, or when that takes too long. Never rejects. */
  submit(request: CommandRequest): Promise<CommandResult>
  /** An account of a tenant, as this owner has it: nothing while it does not serve. */
  look(tenant: string, accountId: AccountId): Elsewhere | undefined
  /** Whether its partition says so now, to another one; undefined while it does not serve. */
  says(message: Message): boolean | undefined
  /** Undefined while it serves, otherwise what it waits for. */
  notServingBecause(): string | undefined
  status(): OwnerStatus
  /** Whether it should keep its lease: false when the log takes nothing of it, unless nobody may serve. */
  getsOn(): boolean
  /**
   * Takes no more commands, finishes those it has for so long at most (as long as a caller waits for an answer, unless
   * given), writes its state, and gives the lease back.
   */
  stop(withinMs?: number): Promise<void>
}

export function startPartitionOwner(options: OwnershipOptions): PartitionOwner {
  const owner = createOwnership(options)
  const running = runLeaseLoop(owner)
  const findOriginal = createOriginalFinder(owner)
  const getsOn = createProgress(owner.clock, GETS_ON_WITHIN_MS)
  return {
    submit(request) {
      const decided = submitTo(owner, findOriginal, request)
      const told = owner.partitions === 1 ? decided : decided.then((result) => untilDecided(owner, request, result))
      return told.then((result) => {
        owner.meter.told(result, request)
        return result
      })
    },
    look: (tenant, accountId) =>
      owner.phase === 'serving' && owner.state?.isTrusted()
        ? { accountId, account: owner.state.read(accounts, accountKey(tenant, accountId)) }
        : undefined,
    says(message) {
      const { phase, state, partition, partitions } = owner
      if (phase !== 'serving' || !state?.isTrusted()) return undefined
      return isSaid(message, state, { partition, partitions, seq: state.fold.seq })
    },
    notServingBecause: () => notServingBecause(owner),
    status: () => statusOf(owner),
    getsOn: () => owner.stop?.kind === 'evidence' || getsOn(owner.state?.fold.offset),
    stop: (withinMs) => stopOwner(owner, running, withinMs),
  }
}

/**
 * Facts that only the log knows are looked for before a command waits for its turn; what needs none waits at once. Its
 * caller waits no longer for both than for the turn alone.
 */
function submitTo(
  owner: Ownership,
  findOriginal: ReturnType<typeof createOriginalFinder>,
  request: CommandRequest,
): Promise<CommandResult> {
  const since = owner.clock.monotonicMs()
  const refusal = refusalOf(owner)
  const looking = refusal ? undefined : findOriginal(request)
  if (!looking) return owner.queue.add(request, refusal)
  return looking.then((found) => {
    // Another request under its key was decided meanwhile: never tell this one that nothing was appended.
    if (!request.dryRun && owner.state?.keyEntry(scopedKeyOf(request))) return inFlight
    // The queue has the last word: what is in doubt under the same key is never told that nothing was appended.
    if ('kind' in found) return owner.queue.add(request, refusalOf(owner) ?? found)
    return owner.queue.add({ ...request, original: found }, refusalOf(owner), since)
  })
}

/** Of a payment across partitions: waits for what becomes of it, as long as its caller does and this owner is one. */
async function untilDecided(owner: Ownership, request: CommandRequest, first: CommandResult): Promise<CommandResult> {
  const { wait, dryRun } = request
  if (!wait || dryRun || first.kind === 'refused') return first
  const isOpen = first.kind === 'accepted' && isPending(first)
  // Decided before, and perhaps not seen everywhere yet.
  if (!isOpen && !(wait.toTheEnd && first.seenAt)) return first
  const { clock, partition, sagas, closing } = owner
  const scopedKey = scopedKeyOf(request)
  const untilMs = clock.monotonicMs() + wait.ms
  for (;;) {
    // Another one will tell whoever asks again.
    if (closing.signal.aborted) return first
    if (owner.phase === 'waiting for the lease') return { ...first, movedOn: true }
    const entry = owner.state?.keyEntry(scopedKey)
    const leftMs = untilMs - clock.monotonicMs()
    const isDecided = entry !== undefined && entry.seenAt !== undefined && (!wait.toTheEnd || entry.ended)
    if (entry && (isDecided || leftMs <= 0)) return answerOf(request, entry, partition, first.replayed)
    if (leftMs <= 0) return first
    await sagas.waiters.heard(scopedKey, leftMs)
  }
}

/** What a new command is told where this worker decides none. */
function refusalOf({ stopping, stop, phase }: Ownership): CommandResult | undefined {
  if (stopping.signal.aborted) return shuttingDown
  if (stop) return ledgerStopped(stop.because)
  if (phase === 'waiting for the lease database') return unleased
  return phase === 'waiting for the lease' ? elsewhere : undefined
}

/** Two heartbeats of a ledger at rest. */
const GETS_ON_WITHIN_MS = 10_000

/**
 * Drains for as long as the log answers, and so long at most. What is on its way to a log that stands still is left:
 * its callers are told that it is not known what became of it.
 */
async function stopOwner(
  owner: Ownership,
  running: Promise<void>,
  withinMs = owner.limits.answerWithinMs,
): Promise<void> {
  const { clock, stopping, closing, queue, doubt, lease, sagas } = owner
  stopping.abort()
  const ended = new AbortController()
  const timer = clock.timer(withinMs, () => closing.abort())
  whenIdle(clock, () => progressOf(owner), STILL_MS, ended.signal).then((isStill) => {
    if (isStill) closing.abort()
  })
  const abandoned = new Promise<void>((resolve) => {
    closing.signal.addEventListener('abort', () => clock.sleep(LET_GO_MS, ended.signal).then(() => resolve()))
  })
  await Promise.race([running, abandoned])
  ended.abort()
  timer.cancel()
  closing.abort()
  sagas.waiters.wakeAll()
  doubt.giveUp(unknownOutcome)
  queue.close(shuttingDown)
  await lease.release()
}

const STILL_MS = 1_000
const LET_GO_MS = 500

/** While the state is being written to its end, that is what goes on. */
function progressOf({ openedStore, state, clock }: Ownership): number {
  return openedStore ? Number(state?.fold.offset ?? -1n) : clock.monotonicMs()
}
