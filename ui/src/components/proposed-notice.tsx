import type { ListedProposal } from '@micropay/schemas/api/approval'
import { useQuery } from '@tanstack/react-query'
import { sentenceOf } from '../data/approvals/command-words.ts'
import { proposedQuery } from '../data/approvals/proposed.ts'
import { useServices, useSession } from '../services/app-context.ts'
import { LinkButton } from './button.tsx'
import { Instant } from './instant.tsx'
import { Notice } from './notice.tsx'

const none: readonly ListedProposal[] = []

/** What waits for a second person that would change an account, or reopen a period, as far as one may see it. */
export function useProposed(about: string): readonly ListedProposal[] {
  const { client } = useServices()
  return useQuery(proposedQuery(client, useSession(), about)).data?.value.items ?? none
}

type ProposedNoticesProps = {
  readonly proposals: readonly ListedProposal[]
  /** Of the account that they would change. */
  readonly currency?: string | undefined
}

/** Says on the page of what would change that it waits, who asked for it and when, and leads to it. */
export function ProposedNotices({ proposals, currency }: ProposedNoticesProps) {
  if (proposals.length === 0) return null
  return (
    <div className="mb-5 space-y-3 print:hidden">
      {proposals.map((proposal) => (
        <ProposedNotice key={proposal.proposalId} proposal={proposal} currency={currency} />
      ))}
    </div>
  )
}

type ProposedNoticeProps = { readonly proposal: ListedProposal; readonly currency: string | undefined }

function ProposedNotice({ proposal, currency }: ProposedNoticeProps) {
  const { proposalId, maker, proposedAt, expiresAt } = proposal
  const isMine = maker === useSession().subject
  return (
    <Notice
      tone="warn"
      title="It waits for a second person"
      action={
        <LinkButton to="/approvals/$proposalId" params={{ proposalId }} look="secondary">
          See what waits
        </LinkButton>
      }
    >
      {sentenceOf(proposal, currency)}: {isMine ? 'you' : maker} asked for it, <Instant at={proposedAt} />. Nothing has
      happened yet: somebody else has to approve it until <Instant at={expiresAt} />.
    </Notice>
  )
}
