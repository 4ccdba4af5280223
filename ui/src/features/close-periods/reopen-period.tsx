import type { PeriodChecked } from '@micropay/schemas/api/period'
import { useQueryClient } from '@tanstack/react-query'
import { approverReadsIt, ReasonDialog } from '../../components/reason-dialog.tsx'
import { useToast } from '../../components/toasts.tsx'
import { approvalsKey } from '../../data/approvals/approvals-search.ts'
import { daysOf, daysTitle } from '../../data/periods/days-of.ts'
import { periodsKey, type ReopenRequest, reopenPeriod } from '../../data/periods/periods.ts'
import { useServices } from '../../services/app-context.ts'
import { whatToDo } from './period-words.ts'

const effect =
  'Payments can be dated into these days again, and their figures are no longer sealed. ' +
  'Unless your rules say otherwise, a second person has to approve it first.'

/** Asks to reopen the last closed period, with the reason; mostly that waits for a second person. */
export function ReopenPeriod({ period }: { readonly period: PeriodChecked }) {
  const { client } = useServices()
  const cache = useQueryClient()
  const toast = useToast()
  return (
    <ReasonDialog<ReopenRequest>
      ask="Reopen this period"
      title={`Reopen ${daysOf(period)}?`}
      effect={effect}
      confirm="Ask to reopen"
      missing="Say why the period has to be opened again."
      hint={approverReadsIt}
      requestFor={(reason) => ({ periodId: period.periodId, reason })}
      send={(request, key) => reopenPeriod(client, request, key)}
      onDone={() => {
        toast('Period reopened', daysTitle(period))
        for (const queryKey of [periodsKey, approvalsKey]) void cache.invalidateQueries({ queryKey })
      }}
      whatToDo={({ problem }) => <p className="text-sm text-ink">{whatToDo(problem)}</p>}
    />
  )
}
