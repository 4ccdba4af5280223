import type { Clock } from '@micropay/runtime/clock'
import type { Resume } from '@micropay/schemas/log/commit'
import { EVENT_GENERATION } from '@micropay/schemas/log/generations'
import { encodeClaim, encodeResume } from '@micropay/schemas/log/ledger-record'
import { type EventLog, LogError } from './event-log.ts'
import { type Folded, MAX_EPOCH_STEP } from './fold.ts'
import { foldLog } from './fold-log.ts'
import { type FoldState, initialFold } from './fold-state.ts'

export type ResumeOptions = {
  readonly ledgerId: string
  /** Who decides it, and why: both stand in the log for ever. */
  readonly actor: string
  readonly reason: string
  /** The highest seq and epoch that anything outside the log knows of: kept states, read models, checkpoints. */
  readonly aboveSeq: number
  readonly aboveEpoch: number
  /** Up to which offset the person has seen the log: nobody else may have decided since. Its end by default. */
  readonly seenTo?: bigint
  /** The lowest epoch of those: who stands there reads on where the first claim is within its reach. */
  readonly lowestEpoch?: number
  readonly clock: Clock
  readonly signal: AbortSignal
}

/**
 * Accepts what a partition's log holds now: appends the resume from which every reader goes on, above every position
 * and epoch that was ever given. First a claim, so that no late append of a worker can come between what this has read
 * and the resume. Answers it once it counts. Throws LogError or FoldError: the caller may look, and try, again.
 */
export async function appendResume(log: EventLog, partition: number, options: ResumeOptions): Promise<Resume> {
  const { ledgerId, actor, reason, clock } = options
  const context = { ledgerId, partition }
  const appender = await log.openAppender(partition)
  try {
    const end = await log.end(partition)
    const { seenTo = end } = options
    let read = await readTo(log, partition, end, options.signal)
    refuseDecided(read, seenTo)
    const wanted = Math.max(read.highestEpoch, options.aboveEpoch)
    let lowest = Math.min(read.state.epoch, options.lowestEpoch ?? read.state.epoch)
    let claimId: string
    // Where a worker's claim came first it may write on, and the resume would go on from a past that nobody has.
    do {
      claimId = clock.randomId()
      const claim = {
        epoch: Math.max(read.state.epoch + 1, Math.min(wanted + 1, lowest + MAX_EPOCH_STEP)),
        ...{ claimId, ownerId: actor, claimedAt: instant(clock), eventGeneration: generationOf(read.state) },
      }
      const { offset } = await appender.append([{ key: '', value: encodeClaim(context, claim) }])
      read = await readTo(log, partition, offset + 1n, options.signal)
      lowest = read.state.epoch
    } while (read.state.claimId !== claimId || read.state.epoch <= wanted)
    refuseDecided(read, seenTo)
    const { state } = read
    const resume = {
      ...{ epoch: state.epoch + 1, claimId: clock.randomId(), actor, reason, resumedAt: instant(clock) },
      seq: Math.max(read.highestSeq, options.aboveSeq) + 1,
      ...{ previousSeq: state.seq, previousHash: state.hash, eventGeneration: generationOf(state) },
    }
    const { offset } = await appender.append([{ key: '', value: encodeResume(context, resume) }])
    const after = await readTo(log, partition, offset + 1n, options.signal)
    // Its epoch alone says nothing: one that did not follow would have it, too.
    if (after.state.countedAt === offset) return resume
    throw new LogError('append_unknown', 'another worker claimed the partition meanwhile: stop the workers, try again')
  } finally {
    await appender.close()
  }
}

/** What this person was shown is not what the log holds since another one decided. */
function refuseDecided({ resumedTo }: { readonly resumedTo: bigint }, seenTo: bigint): void {
  if (resumedTo > seenTo) throw new LogError('append_unknown', 'somebody else has resumed meanwhile: look again first')
}

const instant = (clock: Clock) => new Date(clock.nowMs()).toISOString()

/** It means the same in every generation, and raises none. */
const generationOf = ({ generation }: FoldState) => Math.min(EVENT_GENERATION, Math.max(1, generation))

/**
 * The fold of a partition, the highest seq and epoch that any of its records names, void ones too, and the offset
 * behind the last resume that counts.
 */
async function readTo(log: EventLog, partition: number, until: bigint, signal: AbortSignal) {
  let [highestSeq, highestEpoch] = [0, 0]
  let resumedTo = 0n
  const each = (folded: Folded) => {
    const { seq, epoch } = folded.state
    if (folded.kind === 'resumed') resumedTo = folded.state.offset
    const named = folded.kind === 'void' ? folded.named : folded.state
    highestSeq = Math.max(highestSeq, believable(named.seq, seq + MOST_SEQS_AHEAD))
    highestEpoch = Math.max(highestEpoch, believable(named.epoch, epoch + MOST_EPOCHS_AHEAD))
  }
  const state = await foldLog(log, initialFold(partition), { signal, until, each })
  return { state, highestSeq, highestEpoch, resumedTo }
}

/** A record that was changed may name any number: what no worker can have reached is not one that was given. */
const believable = (named: number | null, most: number) => (named === null || named > most ? 0 : named)

const MOST_SEQS_AHEAD = 10_000_000_000
/** Each needs a claim to pass it. */
const MOST_EPOCHS_AHEAD = 20 * MAX_EPOCH_STEP
