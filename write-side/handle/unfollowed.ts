import { isEvidence } from '@micropay/event-log/evidence'
import { findCommit, type Stretch } from '@micropay/event-log/find-commit'
import { StateHarmedError } from '../state/state-store.ts'
import { isUseless } from '../state/tables.ts'
import type { CommandResult } from './command.ts'
import type { Ownership } from './ownership.ts'
import { originalChanged } from './refusals.ts'

const MOST_TOLD = 8

/**
 * A record in front of what all have read was changed or taken away, or this worker's own folds were. The first stops
 * what needs the record and is told until it is put back: what the worker decides on is what it read, and is right.
 * With the second the state is folded anew.
 */
export function noteUnfollowed(owner: Ownership, stretch: Stretch, error: Error): CommandResult {
  const { clock, log, partition } = owner
  const at = new Date(clock.nowMs()).toISOString()
  log.fatal({ err: error, partition }, 'the log does not hold what was read before')
  const others = owner.unfollowed.filter(({ reason }) => reason !== error.message)
  const isFirst = owner.unfollowed.length === 0
  owner.unfollowed = [{ stretch, reason: error.message, at }, ...others].slice(0, MOST_TOLD)
  if (isFirst) void checkState(owner)
  return originalChanged(error.message)
}

/** Takes back what was told, and stands in the log again. */
export async function lookAgain(owner: Ownership): Promise<void> {
  const { eventLog, closing } = owner
  for (const told of owner.unfollowed) {
    try {
      await findCommit(eventLog, told.stretch, closing.signal)
      owner.unfollowed = owner.unfollowed.filter((each) => each !== told)
    } catch (error) {
      // A log that cannot be read at the moment proves nothing.
      if (!isEvidence(error)) return
    }
  }
}

async function checkState(owner: Ownership): Promise<void> {
  const { openedStore, state, closing, checking, log, partition } = owner
  try {
    const verdict = await openedStore?.check(AbortSignal.any([checking.signal, closing.signal]))
    if (verdict && isUseless(verdict)) state?.distrust(new StateHarmedError(verdict.reason))
  } catch (error) {
    if (!checking.signal.aborted) log.warn({ err: error, partition }, 'the state on disk could not be checked')
  }
}
