import { limitText } from '@micropay/schemas/api/account'
import type { Commit } from '@micropay/schemas/log/commit'
import type { CommandType, EventOf, LedgerEvent } from '@micropay/schemas/log/event'
import { givenBy } from '@micropay/schemas/log/given'
import { accountKey } from '../write/row-key.ts'
import type { NewPolicy, NewProposal, NewProposalDecision } from './proposal-tables.ts'
import type { NewAccount } from './tables.ts'

/** What a batch says of proposals and policies. */
export type Approvals = {
  readonly proposals: NewProposal[]
  readonly proposalDecisions: NewProposalDecision[]
  readonly policies: NewPolicy[]
}

type AccountBefore = (key: string) => NewAccount | undefined

/**
 * Adds the row that an event makes of itself where it is about a second person; no other event does anything. `before`
 * gives accounts as they stand in front of the event.
 */
export function noteApproval(
  approvals: Approvals,
  { partition, before }: { readonly partition: number; readonly before: AccountBefore },
  commit: Commit,
  event: LedgerEvent,
): void {
  switch (event.type) {
    case 'CommandProposed':
      approvals.proposals.push(proposalOf(partition, commit, event))
      return
    case 'CommandApproved':
    case 'CommandRefused':
      approvals.proposalDecisions.push({
        ...decisionOf(partition, commit, event),
        limit_before: limitBefore(commit, before),
      })
      return
    case 'PolicySet':
      // The other partitions only take it over.
      if (commit.command.type === 'TakeFact') return
      approvals.policies.push(policyOf(partition, commit, event))
  }
}

function proposalOf(partition: number, commit: Commit, { data }: EventOf<'CommandProposed'>): NewProposal {
  const { proposalId, command, policyId = null, expiresAt, personal } = data
  const asked = JSON.stringify(personal.data)
  return {
    ...{ partition, seq: BigInt(commit.seq), proposal_id: proposalId, tenant: commit.tenant },
    ...{ maker: commit.actor.subject, command: command.type, hash: command.hash, data: asked },
    about: aboutOf(command.type, personal.data),
    data_bytes: Buffer.byteLength(asked),
    ...{ policy_id: policyId, proposed_at: commit.decidedAt, expires_at: expiresAt },
  }
}

const changesAnAccount: ReadonlySet<string> = new Set([
  ...(['OpenAccount', 'FreezeAccount', 'UnfreezeAccount', 'CloseAccount', 'ChangeAccount', 'SetAccountFlag'] as const),
  ...(['ImportStatement', 'WithdrawStatement'] as const),
] satisfies CommandType[])

function aboutOf(type: string, data: Readonly<Record<string, unknown>>): string | null {
  const about = changesAnAccount.has(type) ? data.accountId : type === 'ReopenPeriod' ? data.periodId : undefined
  return typeof about === 'string' ? about : null
}

type Deciding = EventOf<'CommandApproved'> | EventOf<'CommandRefused'>

function decisionOf(partition: number, commit: Commit, event: Deciding): Omit<NewProposalDecision, 'limit_before'> {
  const refused = event.type === 'CommandRefused'
  return {
    ...{
      proposal_id: event.data.proposalId,
      partition,
      seq: BigInt(commit.seq),
      outcome: refused ? 'refused' : 'approved',
    },
    reason: refused ? (event.data.personal?.data.reason ?? null) : null,
    ...{ decided_at: commit.decidedAt, decided_by: commit.actor.subject },
  }
}

/** What an approval changes comes behind it in its commit. */
function limitBefore({ tenant, events }: Commit, before: AccountBefore): string | null {
  for (const { type, data } of events) {
    if (type !== 'AccountChanged' || data.overdraftLimit === undefined) continue
    const account = before(accountKey(tenant, data.accountId))
    return account ? limitText(account.overdraft_limit) : null
  }
  return null
}

function policyOf(partition: number, commit: Commit, { data }: EventOf<'PolicySet'>): NewPolicy {
  const { command, people, above } = data.rule
  const { actor, approvedBy } = givenBy(commit)
  return {
    ...{ tenant: commit.tenant, command, partition, policy_id: data.policyId, people },
    ...{ above_minor: above ? BigInt(above.amount) : null, above_currency: above?.currency ?? null },
    ...{ set_at: commit.decidedAt, set_by: actor, approved_by: approvedBy },
  }
}
