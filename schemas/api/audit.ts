import { z } from 'zod'
import { Commit } from '../log/commit.ts'
import type { VoidReason } from '../log/void-reason.ts'
import { SealedOtherwise } from './period.ts'
import { FailedLine } from './replay.ts'

const position = z.string().meta({ examples: ['0:1842'] })

export const RecordCheck = z.object({
  name: z.enum(['bytes', 'previous', 'readable']),
  passed: z.boolean(),
  detail: z.string(),
})
export type RecordCheck = z.infer<typeof RecordCheck>

/** One record exactly as it stands in the log, whether it counts, and what its hashes prove. */
export const AuditRecord = z
  .object({
    kind: z.enum(['genesis', 'claim', 'commit', 'void', 'ignored']),
    counts: z.boolean(),
    reason: z.string().nullable().meta({ description: 'Why it does not count.' }),
    epoch: z.int().nullable(),
    seq: z.int().nullable(),
    text: z.string().meta({ description: 'Its bytes as UTF-8.' }),
    bytes: z.int(),
    sha256: z.string().meta({ description: 'Of its bytes alone, in hexadecimal, as sha256sum prints it.' }),
    previousHash: z.string().nullable(),
    hash: z
      .string()
      .nullable()
      .meta({ description: 'SHA-256(previousHash ‖ bytes), base64url; null for what is outside the chain.' }),
    checks: z.array(RecordCheck),
  })
  .meta({ id: 'AuditRecord' })
export type AuditRecord = z.infer<typeof AuditRecord>

export const AuditClaim = z
  .object({
    epoch: z.int(),
    ownerId: z.string(),
    claimId: z.string(),
    claimedAt: z.iso.datetime(),
    record: AuditRecord,
  })
  .meta({ id: 'AuditClaim' })
export type AuditClaim = z.infer<typeof AuditClaim>

/**
 * A place in the ledger: the record that counts there, what it decided, the worker that wrote it, and what claimed the
 * same place in vain.
 */
export const RecordView = z
  .object({
    position,
    paymentId: z.string().nullable(),
    decided: Commit.pick({
      ...{
        decidedAt: true,
        tenant: true,
        actor: true,
        command: true,
        causes: true,
        low: true,
        idempotencyKey: true,
        outcome: true,
        events: true,
      },
    }).nullable(),
    record: AuditRecord.nullable(),
    claim: AuditClaim.nullable(),
    voids: z.array(AuditRecord),
  })
  .meta({ id: 'RecordView' })
export type RecordView = z.infer<typeof RecordView>

const count = z.int().min(0)

export const VerifyFault = z
  .object({
    code: z.enum([
      'chain_broken',
      'fork',
      'unbalanced_commit',
      'not_allowed',
      'key_counted_twice',
      'time_runs_back',
      'unreadable_record',
      'epoch_never_claimed',
      'unknown_record',
      'unknown_generation',
      'resume_mismatch',
      'no_genesis',
      'offset_gap',
      'wrong_ledger',
      'log_empty',
      'log_truncated',
      'record_changed',
    ]),
    seq: z.int().nullable(),
    detail: z.string(),
  })
  .meta({ id: 'VerifyFault' })
export type VerifyFault = z.infer<typeof VerifyFault>

/** What a person has accepted by a resume: the history that goes on from it, and what was wrong in front of it. */
export const Accepted = z
  .object({
    position: position.meta({ description: 'That the resume gave: no position below it is ever given again.' }),
    previous: position.meta({ description: 'Where the history ended that it goes on from.' }),
    actor: z.string(),
    reason: z.string(),
    resumedAt: z.iso.datetime(),
    faults: z.array(z.string()).meta({ description: 'The first 20.' }),
  })
  .meta({ id: 'Accepted' })
export type Accepted = z.infer<typeof Accepted>

/** An account on which lost history has left something that staff settle by ordinary payments. */
export const UnsettledAccount = z
  .object({
    kind: z.enum(['suspense', 'below_limit']).meta({
      description:
        'suspense: what could not be given to whom it was meant for, or taken back; below_limit: what had been ' +
        'promised was posted again whatever the limit says by now.',
    }),
    tenant: z.string(),
    accountId: z.string(),
    currency: z.string(),
    amount: z.string().meta({ description: 'What stands in suspense, or how far the account is below its limit.' }),
  })
  .meta({ id: 'UnsettledAccount' })
export type UnsettledAccount = z.infer<typeof UnsettledAccount>

/** What the fold of a whole partition says. It is sound when it has no fault. */
export const Verification = z
  .object({
    partition: z.int(),
    partitions: z.int().nullable(),
    ledgerId: z.string().nullable(),
    sound: z.boolean(),
    records: count,
    commits: count,
    claims: count,
    heartbeats: count,
    ignored: count,
    voids: z.object({
      stale_genesis: count,
      stale_claim: count,
      stale_epoch: count,
      duplicate: count,
      chain_broken: count,
      fork: count,
      epoch_never_claimed: count,
      unreadable_record: count,
      resume_mismatch: count,
    } satisfies Record<VoidReason, typeof count>),
    voided: z
      .array(z.object({ reason: z.string(), epoch: z.int().nullable(), seq: z.int().nullable() }))
      .meta({ description: 'The first 50 that do not count.' }),
    epoch: count,
    seq: count,
    hash: z.string(),
    accounts: count,
    sums: z.array(z.object({ currency: z.string(), amount: z.string() })),
    accepted: z.array(Accepted),
    comparedWith: z
      .object({ at: z.iso.datetime(), position })
      .nullable()
      .meta({ description: 'The last verification without a fault: the log must lead there, and on.' }),
    sealedOtherwise: z.array(SealedOtherwise).meta({ description: 'By the API those of the caller’s tenant alone.' }),
    unsettled: z.array(UnsettledAccount).meta({
      description: 'The first 1,000; no fault. By the API those of the caller’s tenant alone.',
    }),
    faults: z.array(VerifyFault).meta({ description: 'The first 100.' }),
    faultCount: count,
    durationMs: z.number(),
  })
  .meta({ id: 'Verification' })
export type Verification = z.infer<typeof Verification>

/** A verification that was made, as it is kept. */
export const KeptVerification = z
  .object({
    id: z.string(),
    partition: z.int().nullable().meta({ description: 'Null of what all partitions say of each other.' }),
    at: z.iso.datetime(),
    by: z
      .string()
      .nullable()
      .meta({ description: '`schedule`, `micropay verify`, or who asked; null of another tenant.' }),
    sound: z.boolean(),
    position,
    hash: z.string(),
    records: count,
    durationMs: count,
    faultCount: count,
    finding: z.string().nullable().meta({ description: 'The first fault: its kind and place.' }),
  })
  .meta({ id: 'KeptVerification' })
export type KeptVerification = z.infer<typeof KeptVerification>

/** What the newest verifications say of the whole log. */
export const VerificationState = z
  .object({
    sound: z.boolean().nullable().meta({ description: 'Null before the first one.' }),
    finding: z.string().nullable(),
    lastAt: z.iso.datetime().nullable().meta({ description: 'Since when all partitions were verified.' }),
    overdue: z.boolean(),
  })
  .meta({ id: 'VerificationState' })
export type VerificationState = z.infer<typeof VerificationState>

export const VerificationList = VerificationState.extend({ items: z.array(KeptVerification) }).meta({
  id: 'VerificationList',
})
export type VerificationList = z.infer<typeof VerificationList>

/** The index's own checkpoint against the fold at the same position. */
export const IndexComparison = z
  .object({ position, hash: z.string(), foldHash: z.string().nullable(), agrees: z.boolean() })
  .meta({ id: 'IndexComparison' })
export type IndexComparison = z.infer<typeof IndexComparison>

/** A line of GET /v1/audit/partitions/:partition/verify. */
export const VerifyLine = z
  .union([
    z.object({ progress: z.object({ records: count, of: count }) }),
    z.object({ result: z.object({ verification: Verification, index: IndexComparison.nullable() }) }),
    FailedLine,
  ])
  .meta({ id: 'VerifyLine' })
export type VerifyLine = z.infer<typeof VerifyLine>

/** Who looked at what, and when. */
export const AuditAccess = z
  .object({
    id: z.string(),
    at: z.iso.datetime(),
    subject: z.string(),
    client: z.string(),
    request: z.string().meta({ description: 'The method and the URL, decoded.' }),
    method: z.string(),
    route: z
      .string()
      .nullable()
      .meta({ examples: ['/v1/audit/accounts/:accountId/replay'] }),
    account: z
      .string()
      .nullable()
      .meta({ description: 'Whose history was asked for.', examples: ['ada:main'] }),
    position: z
      .string()
      .nullable()
      .meta({ description: 'What record was asked for.', examples: ['0:1842'] }),
    actor: z.string().nullable().meta({ description: 'Whose uses of the audit were looked for.' }),
  })
  .meta({ id: 'AuditAccess' })
export type AuditAccess = z.infer<typeof AuditAccess>
export const AuditAccessPage = z
  .object({ items: z.array(AuditAccess), next: z.string().nullable() })
  .meta({ id: 'AuditAccessPage' })
export type AuditAccessPage = z.infer<typeof AuditAccessPage>
