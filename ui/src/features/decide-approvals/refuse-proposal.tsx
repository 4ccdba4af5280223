import type { Proposal } from '@micropay/schemas/api/approval'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Button } from '../../components/button.tsx'
import { CommandProblem } from '../../components/command-problem.tsx'
import { ConfirmDialog } from '../../components/confirm-dialog.tsx'
import { TextField } from '../../components/field.tsx'
import { useToast } from '../../components/toasts.tsx'
import { type RefuseRequest, refuseProposal } from '../../data/approvals/approvals.ts'
import { approvalsKey } from '../../data/approvals/approvals-search.ts'
import { sentenceOf } from '../../data/approvals/command-words.ts'
import { useServices } from '../../services/app-context.ts'
import { useIntent } from '../../services/use-intent.ts'

type RefuseProposalProps = { readonly proposal: Proposal; readonly isMine: boolean }

/** Refuses what somebody else asked for, or takes back what one asked for oneself, with the reason. */
export function RefuseProposal({ proposal, isMine }: RefuseProposalProps) {
  const { client } = useServices()
  const cache = useQueryClient()
  const toast = useToast()
  const [asking, setAsking] = useState(false)
  const [reason, setReason] = useState('')
  const [tried, setTried] = useState(false)
  const refuse = useIntent(
    (request: RefuseRequest, key) => refuseProposal(client, request, key),
    () => {
      toast(isMine ? 'Taken back' : 'Refused', sentenceOf(proposal))
      setAsking(false)
      void cache.invalidateQueries({ queryKey: approvalsKey })
    },
  )
  const trimmed = reason.trim()
  const word = isMine ? 'Take it back' : 'Refuse'
  return (
    <>
      <Button look="secondary" onClick={() => setAsking(true)}>
        {word}
      </Button>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={isMine ? 'Take it back?' : 'Refuse it?'}
        effect={`${sentenceOf(proposal)}: it will not happen. It can be asked for again.`}
        confirm={word}
        danger
        busy={refuse.isPending}
        onConfirm={() => {
          setTried(true)
          if (trimmed !== '') refuse.submit({ proposalId: proposal.proposalId, reason: trimmed })
        }}
      >
        <TextField
          label="Reason"
          maxLength={500}
          value={reason}
          error={tried && trimmed === '' ? 'Say why.' : undefined}
          onChange={setReason}
          hint={isMine ? 'It stays in the ledger.' : `${proposal.maker} reads it, and it stays in the ledger.`}
        />
        {refuse.failure ? <CommandProblem failure={refuse.failure} /> : null}
      </ConfirmDialog>
    </>
  )
}
