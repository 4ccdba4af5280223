import { z } from 'zod'
import { Actor } from './actor.ts'
import { CommandType, LedgerEvent } from './event.ts'
import { personal } from './personal.ts'
import { RefusalCause, Rejection } from './rejection.ts'

const asked = z.record(z.string(), z.unknown())

/**
 * The command as it was given. What was asked stands here when it was refused, in `personal`, or in `data` as the first
 * generation wrote it; when it was accepted its events say all of it.
 */
const Command = z.object({ type: CommandType, data: asked.optional(), personal: personal(asked).optional() })

/** What a refused command asked for. */
export function askedIn({ command: { data, personal } }: Pick<Commit, 'command'>): Readonly<Record<string, unknown>> {
  return personal?.data ?? data ?? {}
}

export const Outcome = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('accepted') }),
  z.object({ kind: z.literal('rejected'), ...Rejection.shape, cause: RefusalCause.optional() }),
])
export type Outcome = z.infer<typeof Outcome>

/** A commit of another partition that a step rests on. */
export const Cause = z.object({
  partition: z.int().min(0),
  seq: z.int().min(1),
  hash: z.string().length(43),
})
export type Cause = z.infer<typeof Cause>

/**
 * All that one command decided: one record of the log, so a command happens whole or not at all. A caller's command has
 * a key and the keyed hash of its request; a step of a payment across partitions has none, and `causes`: the commits
 * that its messages spoke of. `low` of a participant's step: its coordinator has no payment with it open below that.
 */
export const Commit = z.object({
  epoch: z.int().min(1),
  seq: z.int().min(1),
  previousHash: z.string().length(43),
  decidedAt: z.iso.datetime(),
  tenant: z.string(),
  actor: Actor,
  command: Command,
  cause: z.object({ inboxOffset: z.string() }).optional(),
  causes: z.array(Cause).optional(),
  low: z.int().min(0).optional(),
  idempotencyKey: z.string().optional(),
  requestHash: z.string().length(22).optional(),
  outcome: Outcome,
  events: z.array(LedgerEvent).max(100),
})
export type Commit = z.infer<typeof Commit>

export const Genesis = z.object({
  ledgerId: z.string().min(1).max(64),
  partition: z.int().min(0),
  partitions: z.int().min(1).max(1024),
  placement: z.string(),
  hash: z.literal('sha-256'),
})
export type Genesis = z.infer<typeof Genesis>

export const Claim = z.object({
  epoch: z.int().min(1),
  claimId: z.string().min(16),
  ownerId: z.string(),
  claimedAt: z.iso.datetime(),
  eventGeneration: z.int().min(1),
})
export type Claim = z.infer<typeof Claim>

/**
 * A person's decision that the ledger goes on from what the log holds now, after its history changed: a claim that also
 * moves seq above every position that was ever given. `previousSeq` and `previousHash` are where it found the fold.
 */
export const Resume = z.object({
  epoch: z.int().min(1),
  claimId: z.string().min(16),
  actor: z.string().min(1),
  reason: z.string().min(1),
  resumedAt: z.iso.datetime(),
  seq: z.int().min(1),
  previousSeq: z.int().min(0),
  previousHash: z.string().length(43),
  eventGeneration: z.int().min(1),
})
export type Resume = z.infer<typeof Resume>

export const Heartbeat = z.object({ epoch: z.int().min(1), at: z.iso.datetime() })
export type Heartbeat = z.infer<typeof Heartbeat>

/** One record of a partition, as the codec in ledger-record.ts reads it. */
export type LedgerRecord =
  | { readonly kind: 'genesis'; readonly genesis: Genesis }
  | { readonly kind: 'claim'; readonly claim: Claim }
  | { readonly kind: 'resume'; readonly resume: Resume }
  | { readonly kind: 'commit'; readonly commit: Commit }
  | { readonly kind: 'heartbeat'; readonly heartbeat: Heartbeat }
  | { readonly kind: 'ignored'; readonly type: string }
