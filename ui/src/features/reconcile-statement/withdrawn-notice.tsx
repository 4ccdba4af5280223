import type { StatementWithdrawal } from '@micropay/schemas/api/reconciliation'
import { LinkButton } from '../../components/button.tsx'
import { Instant } from '../../components/instant.tsx'
import { Notice } from '../../components/notice.tsx'

/** That a statement counts no more: since when, by whom and why. */
export function WithdrawnNotice({ withdrawn }: { readonly withdrawn: StatementWithdrawal }) {
  const { position, at, by, reason, proposalId } = withdrawn
  return (
    <div className="mb-6">
      <Notice
        tone="warn"
        title="It was withdrawn, and counts no more"
        action={
          proposalId === null ? null : (
            <LinkButton to="/approvals/$proposalId" params={{ proposalId }} look="secondary">
              Who asked for it
            </LinkButton>
          )
        }
      >
        {by} {proposalId === null ? 'withdrew' : 'approved'} it. <Instant at={at} />, position {position}. Reason:{' '}
        {reason ?? 'none is kept'}
      </Notice>
    </div>
  )
}
