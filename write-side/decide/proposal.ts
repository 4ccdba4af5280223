import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { PROPOSAL_DAYS, type ProposalDecided } from '@micropay/schemas/api/approval'
import { canonicalJson } from '@micropay/schemas/canonical-json'
import { OwnerId, type ProposalId, placeOfId, proposalIdAt } from '@micropay/schemas/identifiers'
import type { Actor } from '@micropay/schemas/log/actor'
import type { CommandType, EventOf, LedgerEvent } from '@micropay/schemas/log/event'
import {
  broughtCommand,
  OTHER_CURRENCIES_GENERATION,
  WHOLE_PROPOSALS_GENERATION,
} from '@micropay/schemas/log/generations'
import type { Leg } from '@micropay/schemas/log/payment-legs'
import type { Position } from '@micropay/schemas/position'
import {
  accepted,
  asItIs,
  type CommandRule,
  type Decided,
  type Decision,
  type DecisionFacts,
  eventOf,
  type Folds,
  type LedgerView,
  put,
  rejected,
  stateTable,
} from './ledger.ts'
import { isGoverned, policyOn } from './policy.ts'

/** A command as it waits, or waited, for a second person. What was decided keeps no data. */
export type Proposal = {
  readonly tenant: string
  readonly maker: Actor
  readonly mayBook: boolean
  readonly type: CommandType
  readonly data?: Readonly<Record<string, unknown>>
  readonly hash: string
  readonly expiresAt: string
  readonly status: ProposalDecided['status']
}

const proposals = stateTable('proposals', (proposalId: ProposalId) => proposalId, asItIs<Proposal>())
export const proposalTables = [proposals]

/** What the key of a command keeps that made, approved or refused a proposal. */
export type ProposalKept = { readonly proposal: Omit<ProposalDecided, 'decidedAt' | 'result'> }

type Refusing = { readonly proposalId: ProposalId; readonly reason: string }
export type Approving = { readonly proposalId: ProposalId; readonly hash: string }

export const proposalCommands = {
  RefuseCommand: {
    place: ({ proposalId }) => proposalId,
    decide: decideRefuseCommand,
    keep(events, after): ProposalKept | undefined {
      const event = eventOf(events, 'CommandRefused')
      return event && keptOfProposal(event.data.proposalId, after)
    },
    answer: (_, { proposal, decidedAt }, position) => proposalAnswer(proposal, decidedAt, position),
  } satisfies CommandRule<Refusing, ProposalKept, ProposalDecided>,
}

export const proposalEvents: Folds<'CommandProposed' | 'CommandApproved' | 'CommandRefused'> = {
  CommandProposed: ({ proposalId, command, mayBook, expiresAt, personal }, _, { tenant, actor }) => [
    put(proposals, proposalId, {
      ...{ tenant, maker: actor, mayBook, expiresAt, status: 'open' },
      ...{ type: command.type as CommandType, hash: command.hash, data: personal.data },
    }),
  ],
  CommandApproved: ({ proposalId }, ledger) => [putDecided(proposalId, ledger, 'approved')],
  CommandRefused: ({ proposalId }, ledger) => [putDecided(proposalId, ledger, 'refused')],
}

function putDecided(proposalId: ProposalId, ledger: LedgerView, status: Proposal['status']) {
  const proposal = ledger.read(proposals, proposalId)
  assert(proposal, `an event names ${proposalId}, which was never proposed`)
  const { data: _, ...rest } = proposal
  return put(proposals, proposalId, { ...rest, status })
}

type AnyCommand = { readonly type: CommandType; readonly data: object }

/**
 * Where a policy asks for two persons, an acceptable command becomes a proposal instead of what it leads to. Undefined
 * where one person is enough.
 */
export function proposedInstead(
  { type, data }: AnyCommand,
  events: readonly LedgerEvent[],
  ledger: LedgerView,
  facts: DecisionFacts,
): Decision | undefined {
  if (facts.generation < broughtCommand('ApproveCommand') || !isGoverned(type, facts)) return undefined
  const { people, policyId, above } = policyOn(type, ledger, facts.tenant)
  if (people < 2 || (above && !movesMore(events, above, facts))) return undefined
  const { partition, seq } = placeOfId(facts.paymentId)
  return accepted({
    type: 'CommandProposed',
    version: 1,
    data: {
      proposalId: proposalIdAt(partition, seq),
      command: { type, hash: hashOfCommand(type, data, facts) },
      ...(policyId === undefined ? {} : { policyId }),
      mayBook: facts.mayBook,
      expiresAt: new Date(Date.parse(facts.decidedAt) + PROPOSAL_DAYS * 86_400_000).toISOString(),
      personal: { subject: OwnerId.parse(facts.subject), form: 'plain', data: { ...data } },
    },
  })
}

/**
 * Whether a payment moves more than the amount of a policy. That says nothing of another currency, and no rate is known
 * here: so whatever moves in one counts as more.
 */
export function movesMore(
  events: readonly LedgerEvent[],
  above: { readonly amount: string; readonly currency: string },
  { generation }: DecisionFacts,
) {
  const arriving = arrivingIn(events)
  const others = arriving.filter(({ currency }) => currency !== above.currency)
  if (generation >= OTHER_CURRENCIES_GENERATION && others.length > 0) return true
  const moved = arriving
    .filter(({ currency }) => currency === above.currency)
    .reduce((sum, { amount }) => sum + BigInt(amount), 0n)
  return moved > BigInt(above.amount)
}

/** What a payment brings to accounts, leg by leg. */
export function arrivingIn(events: readonly LedgerEvent[]): readonly Leg[] {
  const moving = eventOf(events, 'PaymentPosted') ?? eventOf(events, 'PaymentInitiated')
  return (moving?.data.legs ?? []).filter(({ amount }) => BigInt(amount) > 0n)
}

/** Whoever looks at a proposal can make its hash, in whatever order its members came to them. */
function hashOfCommand(type: CommandType, data: object, { generation }: DecisionFacts): string {
  const text = generation < WHOLE_PROPOSALS_GENERATION ? JSON.stringify(data) : canonicalJson(data)
  return hash('sha256', `${type}\n${text}`, 'base64url')
}

/** The proposal that a person other than its maker may approve now, or the first reason against it. */
export function approvable({ proposalId, hash: seen }: Approving, ledger: LedgerView, facts: DecisionFacts) {
  const proposal = openProposal(ledger.read(proposals, proposalId), proposalId, facts)
  if ('kind' in proposal) return proposal
  if (proposal.maker.subject === facts.subject) {
    return rejected('approval_by_maker', `${facts.subject} gave this command: somebody else must approve it`)
  }
  if (proposal.hash !== seen) {
    return rejected('proposal_changed', `the hash of ${proposalId} is ${proposal.hash}: look at it again`, '/hash')
  }
  return proposal
}

function openProposal(
  proposal: Proposal | undefined,
  proposalId: ProposalId,
  { tenant, decidedAt }: Pick<DecisionFacts, 'tenant' | 'decidedAt'>,
) {
  if (proposal?.tenant !== tenant) return rejected('proposal_not_found', `there is no proposal ${proposalId}`)
  if (proposal.status !== 'open') return rejected('proposal_decided', `${proposalId} was ${proposal.status} before`)
  if (decidedAt > proposal.expiresAt) {
    return rejected('proposal_lapsed', `${proposalId} waited until ${proposal.expiresAt}: give the command again`)
  }
  return proposal
}

function decideRefuseCommand({ proposalId, reason }: Refusing, ledger: LedgerView, facts: DecisionFacts): Decision {
  const proposal = ledger.read(proposals, proposalId)
  // Whose it is comes first: nobody learns that others have one, and what became of it.
  const mayRefuse = facts.mayApprove || proposal?.maker.subject === facts.subject
  const open = openProposal(mayRefuse ? proposal : undefined, proposalId, facts)
  if ('kind' in open) return open
  const personal = { form: 'plain' as const, data: { reason } }
  return accepted({ type: 'CommandRefused', version: 1, data: { proposalId, personal } })
}

/** What a key keeps of a proposal, as it stands. */
export function keptOfProposal(proposalId: ProposalId, ledger: LedgerView): ProposalKept {
  const proposal = ledger.read(proposals, proposalId)
  assert(proposal, `${proposalId} was never proposed`)
  const { status, type, hash: asked, expiresAt } = proposal
  return { proposal: { proposalId, status, command: type, hash: asked, expiresAt } }
}

/** What waits, or was approved, as it was asked for. */
export function commandIn({ data }: EventOf<'CommandProposed'>) {
  return { type: data.command.type as CommandType, data: data.personal.data }
}

export function proposalAnswer(
  proposal: ProposalKept['proposal'] | undefined,
  decidedAt: Decided['decidedAt'],
  position: Position | undefined,
  result?: object,
): ProposalDecided {
  assert(proposal, 'a proposal was made or decided')
  const proposalId = position || proposal.status !== 'open' ? proposal.proposalId : null
  return { ...proposal, proposalId, decidedAt, ...(result ? { result: { ...result } } : {}) }
}

/** The proposal that an approval approved. */
export function proposalBehind(proposalId: ProposalId, ledger: LedgerView): Proposal | undefined {
  return ledger.read(proposals, proposalId)
}
