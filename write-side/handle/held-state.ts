import { isEvidence } from '@micropay/event-log/evidence'
import type { FoldState } from '@micropay/event-log/fold-state'
import { createLedgerState, type LedgerState } from '../state/ledger-state.ts'
import { StateHarmedError, type StateStore } from '../state/state-store.ts'
import { isUseless } from '../state/tables.ts'
import { type ClaimOptions, follow } from './claim.ts'
import { askTold, checkEvidence } from './evidence.ts'
import type { Ownership } from './ownership.ts'
import { elsewhere } from './refusals.ts'
import { compareSnapshots, keepTakingSnapshots, restoreFromSnapshot } from './snapshots.ts'
import { checkStillThere, leadsTo, newestOf } from './still-there.ts'
import { lookAgain } from './unfollowed.ts'

/**
 * The state that this worker holds open already, or the one on disk. While it waits for the lease it follows the log
 * with it, so that taking over does not grow with the log, and while it serves it decides on it. Throws HistoryError
 * where the log does not lead to it, or somebody else knows that it is not what it was.
 */
export async function openHeld(owner: Ownership): Promise<LedgerState> {
  const told = askTold(owner)
  told.catch(() => undefined)
  const state = (await stillFollowing(owner)) ?? (await openState(owner))
  await checkEvidence(owner, told)
  // Whatever it was, the log leads here now.
  if (owner.stop?.kind === 'evidence') owner.stop = undefined
  return state
}

async function openState(owner: Ownership): Promise<LedgerState> {
  const { store, found, other } = await owner.openStore(owner.closing.signal)
  owner.openedStore = store
  if (found.kind === 'discarded') noteDiscarded(owner, found.reason)
  try {
    const state = await restoreState(owner, store, other)
    owner.state = state
    owner.checking = new AbortController()
    const signal = AbortSignal.any([owner.checking.signal, owner.stopping.signal])
    void keepChecking(owner, owner.openedStore, state, signal)
    void keepTakingSnapshots(owner, owner.openedStore, state, signal)
    return state
  } catch (error) {
    await closeHeld(owner)
    throw error
  }
}

/**
 * The state on disk, to fold on from. One that does not say how far it is, or is of another ledger, is thrown away. One
 * that the log does not lead to any more proves that history changed: it is kept and HistoryError thrown, until the log
 * is what it was or a person has accepted what it holds now. What is known besides must lie on the way, too: what this
 * process has read before, and where a state of other code stood (`other`).
 */
async function restoreState(owner: Ownership, store: StateStore, other: FoldState | undefined): Promise<LedgerState> {
  const { context, partition, log } = owner
  const isOurs = ({ genesis }: FoldState) => (genesis?.ledgerId ?? context.ledgerId) === context.ledgerId
  const kept = store.mark()?.fold
  let keeps = kept !== undefined && isOurs(kept)
  for (const fold of [kept, other, owner.lastFold]) {
    if (!fold || !isOurs(fold)) continue
    owner.lastFold ??= fold
    if (!(await leadsTo(owner, fold))) keeps = false
  }
  if (keeps && kept) await compareSnapshots(owner, kept)
  if (!keeps) {
    if (kept) log.warn({ partition, seq: kept.seq }, 'the state on disk is folded anew')
    else if (other) log.info({ partition, seq: other.seq }, 'the state on disk is of other code: it is folded anew')
    else log.info({ partition }, 'there is no state on disk')
    await store.clear()
    owner.doubt.forgetCounted()
    return createLedgerState(await beginAnew(owner, store), partition, log)
  }
  return createLedgerState(store, partition, log)
}

/** The state of the newest snapshot that verifies, or an empty one, which is folded from the log. */
async function beginAnew(owner: Ownership, empty: StateStore): Promise<StateStore> {
  if (!owner.snapshots) return empty
  owner.openedStore = undefined
  await empty.close()
  const digest = await restoreFromSnapshot(owner)
  if (digest === undefined) owner.log.info({ partition: owner.partition }, 'the state is folded from the log')
  const { store } = await owner.openStore(owner.closing.signal, digest)
  owner.openedStore = store
  return store
}

/** Writes the state to its end and closes it; what this process knew of the log stays. */
export async function closeHeld(owner: Ownership): Promise<void> {
  const { state, openedStore, partition, log, checking } = owner
  checking.abort()
  const warn = (message: string) => (error: unknown) => log.warn({ err: error, partition }, message)
  owner.lastFold = state?.fold ?? owner.lastFold
  owner.state = undefined
  owner.openedStore = undefined
  await state?.flush().catch(warn('the state was not written to its end'))
  await openedStore?.close().catch(warn('the state did not close'))
}

/**
 * The state that is open already, if the log still leads to it: it may have been put aside and another one put in its
 * place while nobody looked at what stands before. One that a person has given up by a resume is closed.
 */
async function stillFollowing(owner: Ownership): Promise<LedgerState | undefined> {
  if (owner.state && !(await leadsTo(owner, owner.state.fold))) await closeHeld(owner)
  return owner.state
}

function noteDiscarded(owner: Ownership, reason: string): void {
  const { clock, log, partition } = owner
  // They may be what was not to be believed.
  owner.unfollowed = []
  owner.stateDiscarded = { reason, at: new Date(clock.nowMs()).toISOString() }
  log.fatal({ partition, reason }, 'the state on disk was not to be believed: it was put aside, and is folded anew')
}

/**
 * Checks the state on disk every now and then while it is held: on one that somebody changed nothing more is decided,
 * and it is opened anew.
 */
async function keepChecking(
  { clock, limits, log, partition }: Ownership,
  store: StateStore,
  state: LedgerState,
  signal: AbortSignal,
): Promise<void> {
  while (await clock.sleep(limits.stateCheckMs, signal)) {
    try {
      const verdict = await store.check(signal)
      if (isUseless(verdict)) return state.distrust(new StateHarmedError(verdict.reason))
    } catch (error) {
      if (!signal.aborted) log.warn({ err: error, partition }, 'the state on disk could not be checked')
    }
  }
}

/** Follows the log while another worker owns the partition, until the signal aborts. */
export async function followWhileWaiting(owner: Ownership, signal: AbortSignal): Promise<void> {
  const { doubt, clock } = owner
  const state = await openHeld(owner)
  owner.stop = undefined
  owner.phase = 'waiting for the lease'
  const over = new AbortController()
  const either = AbortSignal.any([signal, over.signal])
  let comparedMs = clock.monotonicMs()
  const follows = noteFollowing(owner, state, either)
  // A claim is in no chain: one of another log would be taken for one of ours, and be missed when that is gone again.
  const beforeClaim = async () => {
    if (clock.monotonicMs() - comparedMs < ASK_AGAIN_MS) return
    if (!(await leadsTo(owner, state.fold))) over.abort()
    comparedMs = clock.monotonicMs()
  }
  const onRead = async () => {
    if (doubt.hasCounted()) await checkStillThere(owner, state.fold, newestOf(state.fold), Number.NEGATIVE_INFINITY)
    doubt.tellCounted()
    doubt.settleBelow(state.fold.epoch, elsewhere)
    follows()
  }
  const options = { ...claimOptions(owner), signal: either }
  const following = follow(options, state, doubt.counted, { signal: either, beforeClaim, onRead })
  // Where one of them ends the other has nothing more to do.
  const both = [following, keepComparing(owner, state, either)]
  await Promise.all(both.map((work) => work.finally(() => over.abort())))
}

/** Answers what is to be called after each read: it says so once the end is reached that the log had at first. */
function noteFollowing(
  { share, eventLog, partition, clock }: Ownership,
  state: LedgerState,
  signal: AbortSignal,
): () => void {
  if (!share) return () => {}
  let end: bigint | undefined
  const note = () => {
    if (end !== undefined && state.fold.offset >= end && !signal.aborted) share.follows(true)
  }
  const ask = async () => {
    while (end === undefined && !signal.aborted) {
      end = await eventLog.end(partition).catch(() => undefined)
      if (end === undefined) await clock.sleep(ASK_AGAIN_MS, signal)
    }
    note()
  }
  void ask()
  signal.addEventListener('abort', () => share.follows(false), { once: true })
  return note
}

/**
 * Looks every few seconds whether the log still leads to a state, and whether another worker knows better: who sees no
 * record behind its own, and whose appends land where they are expected, would not notice that those before were
 * replaced. Rejects with evidence; resolves when the signal aborts, or once a person has given up what the state holds.
 */
export async function keepComparing(owner: Ownership, state: LedgerState, signal: AbortSignal): Promise<void> {
  const { clock, log, partition } = owner
  const compare = async () => {
    const follows = await leadsTo(owner, state.fold)
    await checkEvidence(owner)
    await lookAgain(owner)
    return follows
  }
  // A broker that has just become the leader may not know all of it for a moment.
  const compareAgain = async (error: unknown) => {
    if (!(await clock.sleep(ASK_AGAIN_MS, signal))) throw error
    return compare()
  }
  const orTrouble = (error: unknown) => {
    if (isEvidence(error) && !signal.aborted) throw error
    if (!signal.aborted) log.warn({ err: error, partition }, 'the log could not be compared')
    return true
  }
  while (await clock.sleep(COMPARE_EVERY_MS, signal)) {
    if (!(await compare().catch(compareAgain).catch(orTrouble))) return
  }
}

const COMPARE_EVERY_MS = 10_000
const ASK_AGAIN_MS = 1_000

/** What reading the log takes of an owner. */
export function claimOptions(owner: Ownership): ClaimOptions {
  return { ...owner, signal: owner.closing.signal, onVoid: owner.meter.voided }
}
