import type { Proposal, ProposalDecided } from '@micropay/schemas/api/approval'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { z } from 'zod'
import { problemOfError } from '../../api/problem.ts'
import { Button } from '../../components/button.tsx'
import { CommandProblem } from '../../components/command-problem.tsx'
import { ConfirmDialog } from '../../components/confirm-dialog.tsx'
import { Notice, ProblemNotice } from '../../components/notice.tsx'
import { Skeleton } from '../../components/skeleton.tsx'
import { useToast } from '../../components/toasts.tsx'
import { type ApproveRequest, approveProposal } from '../../data/approvals/approvals.ts'
import { sentenceOf } from '../../data/approvals/command-words.ts'
import { useServices } from '../../services/app-context.ts'
import { useIntent } from '../../services/use-intent.ts'
import { RefuseProposal } from './refuse-proposal.tsx'
import { usePreview } from './use-preview.ts'

/** Says what an approval would do by the ledger as it stands, and approves after one question, or refuses. */
export function ApproveProposal({ proposal }: { readonly proposal: Proposal }) {
  const { client } = useServices()
  const cache = useQueryClient()
  const toast = useToast()
  const [asking, setAsking] = useState(false)
  const request: ApproveRequest = { proposalId: proposal.proposalId, hash: proposal.hash }
  const preview = usePreview(proposal)
  const approve = useIntent(
    (asked: ApproveRequest, key) => approveProposal(client, asked, { key }),
    () => {
      toast('Approved', sentenceOf(proposal))
      setAsking(false)
      // What was approved may have changed anything.
      void cache.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'session' })
    },
  )
  return (
    <div className="space-y-5">
      {preview.isPending ? <Skeleton className="h-16 w-full" /> : null}
      {preview.data ? <Effect decided={preview.data.value} /> : null}
      {preview.error ? <ProblemNotice problem={problemOfError(preview.error)} title="It would be refused now" /> : null}
      <div className="flex flex-wrap gap-2">
        <Button disabled={!preview.data} onClick={() => setAsking(true)}>
          Approve
        </Button>
        <RefuseProposal proposal={proposal} isMine={false} />
      </div>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title="Approve it?"
        effect={`${sentenceOf(proposal)}. ${proposal.maker} asked for it, and it happens at once.`}
        confirm="Approve"
        busy={approve.isPending}
        onConfirm={() => approve.submit(request)}
      >
        {approve.failure ? <CommandProblem failure={approve.failure} /> : null}
      </ConfirmDialog>
    </div>
  )
}

const Result = z.object({
  firstOpenDay: z.string().nullable().optional(),
  status: z.string().optional(),
  accountId: z.string().optional(),
})

const changesStatus: ReadonlySet<string> = new Set(['FreezeAccount', 'UnfreezeAccount', 'CloseAccount', 'OpenAccount'])

/** What the command would answer, in words. */
function Effect({ decided: { command, result } }: { readonly decided: ProposalDecided }) {
  const { firstOpenDay, status, accountId } = Result.catch({}).parse(result ?? {})
  const words: string[] = ['The ledger would take it as it stands now.']
  if (firstOpenDay === null) words.push('Every day would be open.')
  if (typeof firstOpenDay === 'string') words.push(`The first open day would be ${firstOpenDay}.`)
  if (command === 'WithdrawStatement') words.push('The statement would count no more.')
  if (command === 'MakePayment') words.push('The payment would be posted.')
  if (command === 'RefundPayment') words.push('The money would go back.')
  if (accountId !== undefined && status !== undefined && changesStatus.has(command))
    words.push(`${accountId} would be ${status}.`)
  return (
    <Notice tone="good" title="If you approve now">
      {words.join(' ')}
    </Notice>
  )
}
