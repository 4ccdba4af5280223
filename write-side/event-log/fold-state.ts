import { Genesis } from '@micropay/schemas/log/commit'
import { StopReason } from '@micropay/schemas/log/void-reason'
import { z } from 'zod'

/** Offsets of the log as JSON has them. */
const storedOffset = z
  .string()
  .regex(/^-?[0-9]+$/)
  .transform(BigInt)

/**
 * How far a reader has folded a partition, and all that it needs to go on and to see later that the log is still the
 * one that it read. It is kept as JSON in checkpoints and in the mark of an owner's state. What older ones do not have
 * stands at its beginning.
 */
const StoredFold = z.object({
  partition: z.int(),
  genesis: Genesis.optional(),
  epoch: z.int(),
  epochBefore: z.int().optional(),
  claimId: z.string(),
  claimedAt: storedOffset.default(-1n),
  seqAtClaim: z.int().default(0),
  generation: z.int().default(0),
  seq: z.int(),
  hash: z.string(),
  countedAt: storedOffset.default(-1n),
  previousHash: z.string().default(''),
  decidedAt: z.string().default(''),
  acceptedDecidedAt: z.string().default(''),
  agedMs: z.number().default(0),
  offset: storedOffset,
  voids: z.int(),
  alarm: z.object({ reason: StopReason, seq: z.int().nullable(), offset: storedOffset }).optional(),
})

/**
 * `hash` is 32 bytes in base64url, `previousHash` the one before it; `offset` is the log's next one, and moves for
 * claims, voids and heartbeats too; `claimedAt` and `countedAt` are the offsets of the claim (or resume) that stands
 * and of the newest commit (or resume) that counted, -1 for none.
 */
export type FoldState = {
  readonly partition: number
  readonly genesis: Genesis | undefined
  readonly epoch: number
  /** The epoch that stood before this one: nobody ever claimed those between the two. */
  readonly epochBefore: number
  readonly claimId: string
  readonly claimedAt: bigint
  /** What seq was when the epoch began: no honest owner of it writes at or below. */
  readonly seqAtClaim: number
  /** The newest generation of events that a claim announced, or that of a later resume. */
  readonly generation: number
  readonly seq: number
  readonly hash: string
  readonly countedAt: bigint
  readonly previousHash: string
  /** Of the newest commit; empty before the first. */
  readonly decidedAt: string
  /** `decidedAt` as it stood at the last resume: a person has accepted it, however far ahead it is. */
  readonly acceptedDecidedAt: string
  /** The ledger's own time, by which idempotency keys age: the steps of `decidedAt`, a day each at most. */
  readonly agedMs: number
  readonly offset: bigint
  readonly voids: number
  /** The first evidence that history changed, until a resume counts. `offset` is that of the record. */
  readonly alarm: Alarm | undefined
}

export type Alarm = { readonly reason: StopReason; readonly seq: number | null; readonly offset: bigint }

/** The longest step of `decidedAt` that keys age by: neither a jump of a clock nor a long rest frees a key early. */
export const LONGEST_STEP_MS = 86_400_000

export function initialFold(partition: number): FoldState {
  return {
    ...{ partition, genesis: undefined, epoch: 0, epochBefore: 0, claimId: '', claimedAt: -1n },
    ...{ seqAtClaim: 0, generation: 0 },
    ...{ seq: 0, hash: '', countedAt: -1n, previousHash: '', decidedAt: '', acceptedDecidedAt: '', agedMs: 0 },
    ...{ offset: 0n, voids: 0, alarm: undefined },
  }
}

/** The fold behind a commit that counts: `next` is the fold before it, but for the offset, which is behind it. */
export function countedFold(next: FoldState, hash: string, decidedAt: string): FoldState {
  return {
    ...next,
    seq: next.seq + 1,
    hash,
    countedAt: next.offset - 1n,
    previousHash: next.hash,
    decidedAt,
    agedMs: next.agedMs + stepMs(next.decidedAt, decidedAt),
  }
}

/** How much older the ledger's keys get from one commit to the next, in milliseconds. */
function stepMs(from: string, to: string): number {
  // Most commits of a batch have the same time.
  if (from === to || from === '') return 0
  return Math.min(LONGEST_STEP_MS, Math.max(0, Date.parse(to) - Date.parse(from)))
}

/** A fold as JSON keeps it. */
export function storeFold(fold: FoldState): z.input<typeof StoredFold> {
  const { alarm, genesis, ...rest } = fold
  return {
    ...rest,
    ...(genesis ? { genesis } : {}),
    ...(alarm ? { alarm: { ...alarm, offset: String(alarm.offset) } } : {}),
    ...{ claimedAt: String(fold.claimedAt), countedAt: String(fold.countedAt), offset: String(fold.offset) },
  }
}

/** The fold that `storeFold` made JSON of, in this version of the code or an earlier one; throws a ZodError. */
export function readFold(stored: unknown): FoldState {
  const fold = StoredFold.parse(stored)
  const { epochBefore, genesis, alarm } = fold
  if (epochBefore !== undefined) return { ...fold, epochBefore, genesis, alarm }
  // The log alone says which it was: without `countedAt` it is folded anew.
  return { ...fold, epochBefore: Math.max(0, fold.epoch - 1), countedAt: -1n, genesis, alarm }
}
