import type { StatementWithdrawal } from '@micropay/schemas/api/reconciliation'
import { LinkButton } from '../../components/button.tsx'
import { Instant } from '../../components/instant.tsx'
import { Notice } from '../../components/notice.tsx'
import { givenWords } from '../../data/approvals/given-words.ts'

/** That a statement counts no more: since when, by whom and why. */
export function WithdrawnNotice({ withdrawn }: { readonly withdrawn: StatementWithdrawal }) {
  const { position, at, reason, proposalId } = withdrawn
  return (
    <div className="mb-6">
      <Notice
        tone="warn"
        title="It was withdrawn, and counts no more"
        action={
          proposalId === null ? null : (
            <LinkButton to="/approvals/$proposalId" params={{ proposalId }} look="secondary">
              See the proposal
            </LinkButton>
          )
        }
      >
        By {givenWords(withdrawn)}. <Instant at={at} />, position {position}. Reason: {reason ?? 'none is kept'}
      </Notice>
    </div>
  )
}
