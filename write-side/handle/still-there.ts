import { LogError } from '@micropay/event-log/event-log'
import { isEvidence } from '@micropay/event-log/evidence'
import { nextHash } from '@micropay/event-log/fold'
import type { FoldState } from '@micropay/event-log/fold-state'
import { compareHistory, valueAt } from '@micropay/event-log/history'
import type { Ownership } from './ownership.ts'

/** Whether the log leads to a fold; false once a person has given it up. Throws HistoryError otherwise. */
export async function leadsTo({ eventLog, closing }: Ownership, fold: FoldState): Promise<boolean> {
  const compared = await compareHistory(eventLog, fold, closing.signal)
  if (compared.kind === 'stopped') throw compared.error
  return compared.kind === 'follows'
}

/** Throws HistoryError where the log does not lead to what this owner decides on. */
export async function mustLeadTo(owner: Ownership, fold: FoldState): Promise<void> {
  if (await leadsTo(owner, fold)) return
  throw new LogError('append_unknown', 'a person has given up what this owner had read: claiming again')
}

/**
 * So old may be what the log said when somebody is told by it: a log that answers takes less, and nobody sees in so
 * short a time that it lost records, and accepts that.
 */
const BELIEVED_MS = 5_000

/** A record that stood in the log: where, and how it is told from others. */
export type Stood = { readonly offset: bigint; isIt(value: Uint8Array): boolean }

/** The newest commit or resume of a fold, whose hash holds all that counts in front of it; undefined without one. */
export function newestOf({ countedAt, previousHash, hash }: FoldState): Stood | undefined {
  return countedAt < 0n ? undefined : { offset: countedAt, isIt: (value) => nextHash(previousHash, value) === hash }
}

/**
 * Whether what was asked of the log at `sinceMs`, on the monotonic clock, is too old to tell anybody by it: this
 * process stood still since, or the answer was long on its way.
 */
export function isOld({ clock }: Pick<Ownership, 'clock'>, sinceMs: number): boolean {
  return clock.monotonicMs() - sinceMs > BELIEVED_MS
}

/**
 * Reads a record again for as long as it is old that it stood in the log: meanwhile the log may have lost it, a person
 * accepted that, and another worker gone on. Answers since when it is known; reads nothing where that is not old.
 * Throws HistoryError or LogError where it stands there no more, or the log does not lead to `fold`.
 */
export async function checkStillThere(
  owner: Ownership,
  fold: FoldState,
  stood: Stood | undefined,
  sinceMs: number,
): Promise<number> {
  const { clock } = owner
  let askedMs = sinceMs
  while (stood && isOld(owner, askedMs)) {
    askedMs = clock.monotonicMs()
    const value = await recordAt(owner, stood.offset)
    if (value && stood.isIt(value)) continue
    await mustLeadTo(owner, fold)
    throw new LogError('append_unknown', 'what this owner appended is in the log no more: claiming again')
  }
  return stood ? askedMs : clock.monotonicMs()
}

/** Undefined where the log ends before. */
async function recordAt({ eventLog, partition, closing }: Ownership, at: bigint): Promise<Uint8Array | undefined> {
  return valueAt(eventLog, partition, at, closing.signal).catch((error: unknown) => {
    if (isEvidence(error)) return undefined
    throw error
  })
}
