import type { LedgerState } from '../state/ledger-state.ts'
import { type ClaimOptions, follow, restoreState } from './claim.ts'
import type { Ownership } from './ownership.ts'
import { elsewhere } from './refusals.ts'

/**
 * The state that this worker holds open already, or the one on disk. While it waits for the lease it follows the log
 * with it, so that taking over does not grow with the log, and while it serves it decides on it. Throws HistoryError
 * where the log does not lead to it.
 */
export async function openHeld(owner: Ownership): Promise<LedgerState> {
  if (owner.state) return owner.state
  const { store } = await owner.openStore(owner.closing.signal)
  owner.openedStore = store
  try {
    owner.state = await restoreState(claimOptions(owner), store, owner.lastFold)
    return owner.state
  } catch (error) {
    await closeHeld(owner)
    throw error
  }
}

/** Writes the state to its end and closes it; what this process knew of the log stays. */
export async function closeHeld(owner: Ownership): Promise<void> {
  const { state, openedStore, partition, log } = owner
  const warn = (message: string) => (error: unknown) => log.warn({ err: error, partition }, message)
  owner.lastFold = state?.fold ?? owner.lastFold
  owner.state = undefined
  owner.openedStore = undefined
  await state?.flush().catch(warn('the state was not written to its end'))
  await openedStore?.close().catch(warn('the state did not close'))
}

/** Follows the log while another worker owns the partition, until the signal aborts. */
export async function followWhileWaiting(owner: Ownership, signal: AbortSignal): Promise<void> {
  const { doubt } = owner
  const state = await openHeld(owner)
  await follow({ ...claimOptions(owner), signal }, state, doubt.counted, { signal }, () =>
    doubt.settleBelow(state.fold.epoch, elsewhere),
  )
}

/** What reading the log takes of an owner. */
export function claimOptions(owner: Ownership): ClaimOptions {
  return { ...owner, signal: owner.closing.signal, onVoid: owner.meter.voided }
}
