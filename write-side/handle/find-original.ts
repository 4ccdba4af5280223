import { isEvidence } from '@micropay/event-log/evidence'
import { findCommit, type Stretch } from '@micropay/event-log/find-commit'
import { type PaymentId, placeOfId } from '@micropay/schemas/identifiers'
import type { Commit } from '@micropay/schemas/log/commit'
import { originalOf } from '../decide/decide.ts'
import type { LedgerState } from '../state/ledger-state.ts'
import { scopedKeyOf } from '../state/partition-state.ts'
import type { CommandRequest, CommandResult, Original } from './command.ts'
import type { Ownership } from './ownership.ts'
import { full, originalUnknown } from './refusals.ts'
import { noteUnfollowed } from './unfollowed.ts'

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
    const looking = find(owner, state, { paymentId, seq: place.seq })
    const found = looking.finally(() => lookedFor.delete(paymentId))
    lookedFor.set(paymentId, { person, found })
    return found
  }
}

async function find(
  owner: Ownership,
  state: LedgerState,
  { paymentId, seq }: { readonly paymentId: PaymentId; readonly seq: number },
): Promise<Original | CommandResult> {
  const { partition, limits, closing, log } = owner
  try {
    if (seq < 1) return { paymentId, commit: undefined, foundFor: state }
    const stretch = state.stretchWith(seq)
    try {
      const commit = await within(owner, limits.answerWithinMs, closing.signal, (signal) =>
        look(owner, stretch, signal),
      )
      return { paymentId, commit, foundFor: state }
    } catch (error) {
      if (!isEvidence(error)) throw error
      return noteUnfollowed(owner, stretch, error)
    }
  } catch (error) {
    log.warn({ err: error, partition, paymentId }, 'a payment could not be read from the log')
    return originalUnknown
  }
}

/** A broker that has just become the leader may not know all of it for a moment, so evidence is looked at twice. */
async function look(owner: Ownership, stretch: Stretch, signal: AbortSignal): Promise<Commit | undefined> {
  const once = () => within(owner, FOUND_WITHIN_MS, signal, (either) => findCommit(owner.eventLog, stretch, either))
  return once().catch(async (error: unknown) => {
    if (!isEvidence(error)) throw error
    await owner.clock.sleep(ASK_AGAIN_MS, signal)
    return once()
  })
}

async function within<Result>(
  { clock }: Ownership,
  mostMs: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const late = new AbortController()
  const timer = clock.timer(mostMs, () => late.abort())
  try {
    return await work(AbortSignal.any([signal, late.signal]))
  } finally {
    timer.cancel()
  }
}
