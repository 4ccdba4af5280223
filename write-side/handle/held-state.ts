import type { FoldState } from '@micropay/event-log/fold-state'
import { compareHistory } from '@micropay/event-log/history'
import type { LedgerState } from '../state/ledger-state.ts'
import { StateHarmedError, type StateStore } from '../state/state-store.ts'
import { isUseless } from '../state/tables.ts'
import { type ClaimOptions, follow, restoreState } from './claim.ts'
import type { Ownership } from './ownership.ts'
import { elsewhere } from './refusals.ts'
import { goOn } from './stop-reason.ts'

/**
 * The state that this worker holds open already, or the one on disk. While it waits for the lease it follows the log
 * with it, so that taking over does not grow with the log, and while it serves it decides on it. Throws HistoryError
 * where the log does not lead to it.
 */
export async function openHeld(owner: Ownership): Promise<LedgerState> {
  const held = await stillFollowing(owner)
  if (held) return held
  const { store, found, other } = await owner.openStore(owner.closing.signal)
  owner.openedStore = store
  if (found.kind === 'discarded') noteDiscarded(owner, found.reason)
  try {
    const state = await restoreState(claimOptions(owner), store, { other, last: owner.lastFold })
    owner.state = state
    owner.checking = new AbortController()
    void keepChecking(owner, store, state, AbortSignal.any([owner.checking.signal, owner.stopping.signal]))
    return state
  } catch (error) {
    await closeHeld(owner)
    throw error
  }
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

/** Whether the log leads to a fold; false once a person has given it up. Throws HistoryError otherwise. */
export async function leadsTo({ eventLog, closing }: Ownership, fold: FoldState): Promise<boolean> {
  const compared = await compareHistory(eventLog, fold, closing.signal)
  if (compared.kind === 'stopped') throw compared.error
  return compared.kind === 'follows'
}

function noteDiscarded(owner: Ownership, reason: string): void {
  const { clock, log, partition } = owner
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
  // Whatever it was, the log leads here now.
  goOn(owner)
  owner.phase = 'waiting for the lease'
  const over = new AbortController()
  const reading = { signal: AbortSignal.any([signal, over.signal]) }
  const options = { ...claimOptions(owner), ...reading }
  const following = follow(options, state, doubt.counted, reading, () => doubt.settleBelow(state.fold.epoch, elsewhere))
  const comparing = (async () => {
    while (await clock.sleep(COMPARE_EVERY_MS, reading.signal)) if (!(await leadsTo(owner, state.fold))) return
  })()
  // Where one of them fails the other has nothing more to do.
  await Promise.all([following, comparing].map((work) => work.finally(() => over.abort())))
}

/** Who sees no record behind its own would not notice otherwise that those before were replaced. */
export const COMPARE_EVERY_MS = 10_000

/** What reading the log takes of an owner. */
export function claimOptions(owner: Ownership): ClaimOptions {
  return { ...owner, signal: owner.closing.signal, onVoid: owner.meter.voided }
}
