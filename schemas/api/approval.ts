import { z } from 'zod'
import { PolicyId, ProposalId } from '../identifiers.ts'
import { CommandType } from '../log/event.ts'
import { AmountMinor, CurrencyCode } from '../money.ts'
import { plainText } from '../text.ts'
import { OverdraftLimit } from './account.ts'
import { approvedBy, askedBy } from './given.ts'

/** How long a proposal waits for somebody to decide it. */
export const PROPOSAL_DAYS = 7

/**
 * What can need a second person: whatever is no question, no decision about a proposal itself, and no part of what is
 * imported as a whole.
 */
export const GovernedCommand = CommandType.exclude([
  ...(['ApproveCommand', 'RefuseCommand', 'CheckPayee', 'KeepStatementPart'] as const),
])
export type GovernedCommand = z.infer<typeof GovernedCommand>

/** What a policy can be about: a command, or `ConfirmPayment`, that who pays confirms what they pay to whom. */
export const Governed = z
  .enum([...GovernedCommand.options, 'ConfirmPayment'], {
    error: ({ input }) => (input === 'KeepStatementPart' ? 'name ImportStatement: its parts go with it' : undefined),
  })
  .meta({ id: 'Governed' })
export type Governed = z.infer<typeof Governed>

const above = z.strictObject({ amount: AmountMinor, currency: CurrencyCode })

const isOfPayments: ReadonlySet<Governed> = new Set(['MakePayment', 'ConfirmPayment'])

/** POST /v1/policies: how many persons a command needs from now on. The last rule for a command stands. */
export const SetPolicy = z
  .strictObject({
    command: Governed,
    people: z.union([z.literal(1), z.literal(2)], { error: 'must be 1 or 2' }),
    above: above.optional().meta({
      description:
        'Of payments: those alone that move more than this in its currency, or anything in another one. Without it' +
        ' all of them, and with ConfirmPayment none.',
    }),
    dryRun: z.boolean().optional(),
  })
  .refine(({ command, above: limit }) => limit === undefined || isOfPayments.has(command), {
    error: 'an amount is for MakePayment and ConfirmPayment alone',
    path: ['above'],
  })
  .refine(({ command, people }) => command !== 'ConfirmPayment' || people === 1, {
    error: 'must be 1 with ConfirmPayment: who pays confirms it',
    path: ['people'],
  })
  .meta({ id: 'SetPolicy' })
export type SetPolicy = z.infer<typeof SetPolicy>

export const PolicyDecided = z
  .object({
    policyId: PolicyId.nullable().meta({ description: 'null for a dry run' }),
    command: Governed,
    people: z.int(),
    above: above.optional(),
    decidedAt: z.iso.datetime(),
  })
  .meta({ id: 'PolicyDecided' })
export type PolicyDecided = z.infer<typeof PolicyDecided>

/** POST /v1/approvals/:proposalId/approve: `hash` is that of the proposal as it was looked at. */
export const ApproveCommand = z
  .strictObject({ hash: z.string().length(43), dryRun: z.boolean().optional() })
  .meta({ id: 'ApproveCommand' })

/** POST /v1/approvals/:proposalId/refuse: by its maker, too, who takes it back that way. */
export const RefuseCommand = z
  .strictObject({ reason: plainText(500), dryRun: z.boolean().optional() })
  .meta({ id: 'RefuseCommand' })

/**
 * What became of a proposal. 202 with `status: open` is the answer to a command that needs a second person; the answer
 * to its approval holds the command's own answer as `result`.
 */
export const ProposalDecided = z
  .object({
    proposalId: ProposalId.nullable().meta({ description: 'null for a dry run' }),
    status: z.enum(['open', 'approved', 'refused']),
    command: CommandType,
    hash: z.string(),
    expiresAt: z.iso.datetime(),
    decidedAt: z.iso.datetime(),
    result: z.record(z.string(), z.unknown()).optional(),
  })
  .meta({ id: 'ProposalDecided' })
export type ProposalDecided = z.infer<typeof ProposalDecided>

/** `lapsed`: nobody decided it in time. */
export const ProposalStatus = z.enum(['open', 'lapsed', 'approved', 'refused'])
export type ProposalStatus = z.infer<typeof ProposalStatus>

/** A command that waits, or waited, for a second person, as it was asked for. */
export const Proposal = z
  .object({
    proposalId: ProposalId,
    status: ProposalStatus,
    command: CommandType,
    hash: z.string().meta({
      description:
        'What an approval must name: SHA-256, base64url, over command, line feed and its data in canonical JSON' +
        ' (RFC 8785). Proposals of earlier ledgers have that of their data as it was given.',
    }),
    data: z.record(z.string(), z.unknown()).meta({ description: 'The command as it was given.' }),
    maker: z.string(),
    policyId: PolicyId.nullable().meta({ description: 'null: nobody set the rule, it stands by default.' }),
    position: z.string(),
    proposedAt: z.iso.datetime(),
    expiresAt: z.iso.datetime(),
    decided: z
      .object({
        by: z
          .string()
          .optional()
          .meta({ description: 'For the maker where they took it back, else for who may decide.' }),
        at: z.iso.datetime(),
        reason: z.string().nullable(),
        limitBefore: OverdraftLimit.nullable().meta({
          description: 'Of an approved change of an overdraft limit: what it was until then.',
        }),
        position: z.string(),
      })
      .nullable(),
  })
  .meta({ id: 'Proposal' })
export type Proposal = z.infer<typeof Proposal>

/** A list holds what proposals ask for up to this, in bytes of JSON: a page of statements would be of megabytes. */
export const MOST_LISTED_BYTES = 2_000

export const ListedProposal = z
  .object({
    ...Proposal.shape,
    data: Proposal.shape.data.nullable().meta({
      description: `null: more than ${MOST_LISTED_BYTES} bytes, left out here; GET /v1/approvals/:proposalId has it.`,
    }),
  })
  .meta({ id: 'ListedProposal' })
export type ListedProposal = z.infer<typeof ListedProposal>

/** GET /v1/approvals: the open ones first, of each kind the newest first. */
export const ProposalPage = z
  .object({ items: z.array(ListedProposal), next: z.string().nullable() })
  .meta({ id: 'ProposalPage' })
export type ProposalPage = z.infer<typeof ProposalPage>

/** What needs two persons as long as no policy says otherwise. */
export const twoByDefault: ReadonlySet<Governed> = new Set(['ReopenPeriod', 'WithdrawStatement'])

/** How many persons a command needs now, or above which amount who pays confirms it. */
export const Policy = z
  .object({
    command: Governed,
    people: z.int(),
    above: above.nullable(),
    set: z
      .object({
        policyId: PolicyId,
        at: z.iso.datetime(),
        by: askedBy,
        approvedBy,
      })
      .nullable()
      .meta({ description: 'null: nobody set it, it stands by default.' }),
  })
  .meta({ id: 'Policy' })
export type Policy = z.infer<typeof Policy>

/** GET /v1/policies: all that a policy can be about. */
export const PolicyList = z.object({ items: z.array(Policy) }).meta({ id: 'PolicyList' })
export type PolicyList = z.infer<typeof PolicyList>
