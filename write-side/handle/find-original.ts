import { isEvidence } from '@micropay/event-log/evidence'
import { findCommit, type Stretch } from '@micropay/event-log/find-commit'
import { type PaymentId, placeOfId } from '@micropay/schemas/identifiers'
import { originalOf } from '../decide/decide.ts'
import { scopedKeyOf } from '../state/partition-state.ts'
import type { CommandRequest, CommandResult, Original } from './command.ts'
import type { Ownership } from './ownership.ts'
import { full, ledgerStopped, originalUnknown } from './refusals.ts'
import { stoppedBecause } from './stop-reason.ts'

/** A payment's commit never changes, so it may be read before the command is decided that names it. */
const FOUND_WITHIN_MS = 5_000
const ASK_AGAIN_MS = 1_000
/** So many payments are looked for at once: each takes a read of the log. */
const MOST_LOOKED_FOR = 64
/** And so many of them for one person, so that nobody takes the place of all others. */
const MOST_OF_ONE = 8

/**
 * Looks for the payment that a command is about, which only the log knows, once for all who ask at the same time.
 * Answers what a new command is told instead where the log does not say in time; undefined, at once, where there is
 * nothing to look for: the command is about no payment, its key has its answer, or nobody has read that far.
 */
export function createOriginalFinder(owner: Ownership) {
  const lookedFor = new Map<PaymentId, { readonly person: string; readonly found: Promise<Original | CommandResult> }>()
  return (request: CommandRequest): Promise<Original | CommandResult> | undefined => {
    const { state, partition } = owner
    const paymentId = state && originalOf(request.command, state)
    if (!state || paymentId === undefined) return undefined
    if (!request.dryRun && state.keyEntry(scopedKeyOf(request))) return undefined
    const place = placeOfId(paymentId)
    if (place.partition !== partition || place.seq > state.fold.seq) return undefined
    const shared = lookedFor.get(paymentId)
    if (shared) return shared.found
    const person = `${request.tenant} ${request.actor.subject}`
    const ofPerson = [...lookedFor.values()].filter((each) => each.person === person).length
    if (lookedFor.size >= MOST_LOOKED_FOR || ofPerson >= MOST_OF_ONE) return Promise.resolve(full)
    const looking = find(owner, paymentId, state.stretchWith(place.seq))
    const found = looking.finally(() => lookedFor.delete(paymentId))
    lookedFor.set(paymentId, { person, found })
    return found
  }
}

async function find(owner: Ownership, paymentId: PaymentId, stretch: Stretch): Promise<Original | CommandResult> {
  const { eventLog, partition, closing, clock, log } = owner
  const late = new AbortController()
  const timer = clock.timer(FOUND_WITHIN_MS, () => late.abort())
  const signal = AbortSignal.any([closing.signal, late.signal])
  // A broker that has just become the leader may not know all of it for a moment.
  const findAgain = async (error: unknown) => {
    if (!isEvidence(error) || !(await clock.sleep(ASK_AGAIN_MS, signal))) throw error
    return findCommit(eventLog, stretch, signal)
  }
  try {
    return { paymentId, commit: await findCommit(eventLog, stretch, signal).catch(findAgain) }
  } catch (error) {
    if (isEvidence(error)) return stopBy(owner, stretch, error)
    log.warn({ err: error, partition, paymentId }, 'a payment could not be read from the log')
    return originalUnknown
  } finally {
    timer.cancel()
  }
}

/** Nothing more is decided here until the log is what it was, or a person has accepted what it holds. */
function stopBy(owner: Ownership, stretch: Stretch, error: Error): CommandResult {
  owner.unfollowed = stretch
  owner.state?.distrust(error)
  return ledgerStopped(stoppedBecause(error))
}
