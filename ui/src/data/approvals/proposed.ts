import { type ListedProposal, ProposalPage } from '@micropay/schemas/api/approval'
import type { Scope, Session } from '@micropay/schemas/api/token'
import { queryOptions } from '@tanstack/react-query'
import type { Client } from '../../api/client.ts'
import { pathWith } from '../../api/path.ts'
import { allows } from '../../api/session.ts'
import { approvalsKey } from './approvals-search.ts'

/** Of those who ask for changes of accounts, statements and periods, and of those who decide or audit it. */
const scopes = [
  ...(['accounts:manage', 'reconciliation:operate', 'periods:close'] as const),
  ...(['approvals:decide', 'audit:read'] as const),
] satisfies Scope[]

/** What waits that would change an account, or reopen a period; of others alone for those who decide or audit it. */
export function proposedQuery(client: Client, session: Session, about: string) {
  return queryOptions({
    queryKey: [...approvalsKey, 'about', about] as const,
    queryFn: ({ signal }) =>
      client.read(pathWith('/v1/approvals', { about, status: 'open', limit: 50 }), ProposalPage, signal),
    enabled: scopes.some((scope) => allows(session, scope)),
  })
}

/** Those of the proposals of an account that would withdraw the statement which was imported at a position. */
export function withdrawalsOf(proposals: readonly ListedProposal[], position: string): readonly ListedProposal[] {
  return proposals.filter(({ command, data }) => command === 'WithdrawStatement' && data?.position === position)
}
