import type { PeriodChecked } from '@micropay/schemas/api/period'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Button } from '../../components/button.tsx'
import { CommandProblem } from '../../components/command-problem.tsx'
import { ConfirmDialog } from '../../components/confirm-dialog.tsx'
import { TextField } from '../../components/field.tsx'
import { useToast } from '../../components/toasts.tsx'
import { approvalsKey } from '../../data/approvals/approvals-search.ts'
import { daysOf, daysTitle } from '../../data/periods/days-of.ts'
import { periodsKey, type ReopenRequest, reopenPeriod } from '../../data/periods/periods.ts'
import { useServices } from '../../services/app-context.ts'
import { useIntent } from '../../services/use-intent.ts'
import { whatToDo } from './period-words.ts'

const effect =
  'Payments can be dated into these days again, and their figures are no longer sealed. ' +
  'Unless your rules say otherwise, a second person has to approve it first.'

/** Asks to reopen the last closed period, with the reason; mostly that waits for a second person. */
export function ReopenPeriod({ period }: { readonly period: PeriodChecked }) {
  const { client } = useServices()
  const cache = useQueryClient()
  const toast = useToast()
  const [asking, setAsking] = useState(false)
  const [reason, setReason] = useState('')
  const [tried, setTried] = useState(false)
  const reopen = useIntent(
    (request: ReopenRequest, key) => reopenPeriod(client, request, key),
    () => {
      toast('Period reopened', daysTitle(period))
      setAsking(false)
      void cache.invalidateQueries({ queryKey: periodsKey })
      void cache.invalidateQueries({ queryKey: approvalsKey })
    },
  )
  const trimmed = reason.trim()
  const waits = reopen.failure?.kind === 'waiting'
  if (waits && reopen.failure) return <CommandProblem failure={reopen.failure} />
  return (
    <>
      <Button look="secondary" onClick={() => setAsking(true)}>
        Reopen this period
      </Button>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={`Reopen ${daysOf(period)}?`}
        effect={effect}
        confirm="Ask to reopen"
        danger
        busy={reopen.isPending}
        onConfirm={() => {
          setTried(true)
          if (trimmed !== '') reopen.submit({ periodId: period.periodId, reason: trimmed })
        }}
      >
        <TextField
          label="Reason"
          maxLength={500}
          value={reason}
          error={tried && trimmed === '' ? 'Say why the period has to be opened again.' : undefined}
          onChange={setReason}
          hint="Whoever approves it reads this, and it stays in the ledger."
        />
        {reopen.failure ? (
          <CommandProblem
            failure={reopen.failure}
            action={<p className="text-sm text-ink">{whatToDo(reopen.failure.problem)}</p>}
          />
        ) : null}
      </ConfirmDialog>
    </>
  )
}
