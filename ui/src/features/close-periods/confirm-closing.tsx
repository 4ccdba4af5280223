import type { PeriodChecklist } from '@micropay/schemas/api/period'
import type { Problem } from '@micropay/schemas/api/problem'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { problemOfError } from '../../api/problem.ts'
import { waitingIn } from '../../api/waiting.ts'
import { Button } from '../../components/button.tsx'
import { CommandProblem } from '../../components/command-problem.tsx'
import { ConfirmDialog } from '../../components/confirm-dialog.tsx'
import { ProblemNotice } from '../../components/notice.tsx'
import { useToast } from '../../components/toasts.tsx'
import { WaitingNotice } from '../../components/waiting-notice.tsx'
import { daysOf, daysTitle } from '../../data/periods/days-of.ts'
import { type CloseRequest, closePeriod, periodsKey } from '../../data/periods/periods.ts'
import { useServices } from '../../services/app-context.ts'
import { useIntent } from '../../services/use-intent.ts'
import { isOutdated, whatToDo } from './period-words.ts'

type ConfirmClosingProps = { readonly checklist: PeriodChecklist; readonly onReadAgain: () => void }

/** Asks the ledger whether it would close the days as they were read, and closes them after one question. */
export function ConfirmClosing({ checklist, onReadAgain }: ConfirmClosingProps) {
  const { client, clock } = useServices()
  const cache = useQueryClient()
  const navigate = useNavigate()
  const toast = useToast()
  const [asking, setAsking] = useState(false)
  const { from, through, seq, digest, seals, isBalanced } = checklist
  const request: CloseRequest = { from, through, seq, digest, seals }
  const preview = useQuery({
    queryKey: ['preview', 'close-period', request],
    queryFn: () => closePeriod(client, request, { key: `preview-${clock.newKey()}`, dryRun: true }),
    ...{ staleTime: 0, gcTime: 0 },
  })
  const wouldWait = waitingIn(preview.error)
  const refusal = preview.error && !wouldWait ? problemOfError(preview.error) : undefined
  const closing = useIntent(
    (asked: CloseRequest, key) => closePeriod(client, asked, { key }),
    async ({ value: { status } }) => {
      toast(status === 'closing' ? 'Period is being closed' : 'Period closed', daysTitle(checklist))
      void cache.invalidateQueries({ queryKey: ['trial-balance'] })
      await cache.invalidateQueries({ queryKey: [...periodsKey, 'list'] })
      await navigate({ to: '/periods' })
    },
  )
  const problem = closing.failure?.kind === 'refused' ? closing.failure.problem : refusal
  // What is settled is told on the page.
  const isInDialog = closing.failure?.kind !== 'refused' && closing.failure?.kind !== 'waiting'
  return (
    <div className="space-y-4">
      {problem ? <Refused problem={problem} onReadAgain={onReadAgain} /> : null}
      {wouldWait && !closing.failure ? <WaitingNotice waiting={wouldWait} /> : null}
      {closing.failure?.kind === 'waiting' ? <CommandProblem failure={closing.failure} /> : null}
      <Button
        disabled={(!preview.data && !wouldWait) || problem !== undefined || closing.failure?.kind === 'waiting'}
        onClick={() => setAsking(true)}
      >
        Close {daysOf(checklist)}
      </Button>
      <ConfirmDialog
        open={asking && isInDialog}
        onOpenChange={setAsking}
        title={`Close ${daysOf(checklist)}?`}
        effect={
          <>
            No payment can be dated into these days any more, and the figures above are sealed as they were read at
            sequence {seq}. {isBalanced ? '' : 'The books do not balance. '}
            Reopening takes a reason and, unless your rules say otherwise, a second person.
          </>
        }
        confirm="Close the period"
        danger
        busy={closing.isPending}
        onConfirm={() => closing.submit(request)}
      >
        {closing.failure && isInDialog ? <CommandProblem failure={closing.failure} /> : null}
      </ConfirmDialog>
    </div>
  )
}

function Refused({ problem, onReadAgain }: { readonly problem: Problem; readonly onReadAgain: () => void }) {
  const words = whatToDo(problem)
  return (
    <ProblemNotice
      problem={problem}
      action={
        <>
          {words ? <p className="w-full text-sm text-ink">{words}</p> : null}
          {isOutdated(problem) ? <Button onClick={onReadAgain}>Read the checklist again</Button> : null}
        </>
      }
    />
  )
}
