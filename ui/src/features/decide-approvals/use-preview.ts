import type { Proposal } from '@micropay/schemas/api/approval'
import { useQuery } from '@tanstack/react-query'
import { allows } from '../../api/session.ts'
import { type ApproveRequest, approveProposal } from '../../data/approvals/approvals.ts'
import { useServices, useSession } from '../../services/app-context.ts'

/** What an approval would do by the ledger as it stands; asked for those alone who may give it. */
export function usePreview({ proposalId, hash, maker, status }: Proposal) {
  const { client, clock } = useServices()
  const session = useSession()
  const request: ApproveRequest = { proposalId, hash }
  return useQuery({
    queryKey: ['preview', 'approve', request],
    queryFn: () => approveProposal(client, request, { key: `preview-${clock.newKey()}`, dryRun: true }),
    enabled: status === 'open' && maker !== session.subject && allows(session, 'approvals:decide'),
    ...{ staleTime: 0, gcTime: 0 },
  })
}
