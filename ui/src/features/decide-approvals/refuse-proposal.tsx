import type { Proposal } from '@micropay/schemas/api/approval'
import { useQueryClient } from '@tanstack/react-query'
import { ReasonDialog } from '../../components/reason-dialog.tsx'
import { useToast } from '../../components/toasts.tsx'
import { type RefuseRequest, refuseProposal } from '../../data/approvals/approvals.ts'
import { approvalsKey } from '../../data/approvals/approvals-search.ts'
import { sentenceOf } from '../../data/approvals/command-words.ts'
import { useServices } from '../../services/app-context.ts'

type RefuseProposalProps = { readonly proposal: Proposal; readonly isMine: boolean }

/** Refuses what somebody else asked for, or takes back what one asked for oneself, with the reason. */
export function RefuseProposal({ proposal, isMine }: RefuseProposalProps) {
  const { client } = useServices()
  const cache = useQueryClient()
  const toast = useToast()
  const word = isMine ? 'Take it back' : 'Refuse'
  return (
    <ReasonDialog<RefuseRequest>
      ask={word}
      title={isMine ? 'Take it back?' : 'Refuse it?'}
      effect={`${sentenceOf(proposal)}: it will not happen. It can be asked for again.`}
      confirm={word}
      missing="Say why."
      hint={isMine ? 'It stays in the ledger.' : `${proposal.maker} reads it, and it stays in the ledger.`}
      requestFor={(reason) => ({ proposalId: proposal.proposalId, reason })}
      send={(request, key) => refuseProposal(client, request, key)}
      onDone={() => {
        toast(isMine ? 'Taken back' : 'Refused', sentenceOf(proposal))
        void cache.invalidateQueries({ queryKey: approvalsKey })
      }}
    />
  )
}
