import type { PeriodChecked } from '@micropay/schemas/api/period'
import { useQueryClient } from '@tanstack/react-query'
import { ReasonDialog } from '../../components/reason-dialog.tsx'
import { useToast } from '../../components/toasts.tsx'
import { daysOf, daysTitle } from '../../data/periods/days-of.ts'
import { callOffClosing, periodsKey, type ReopenRequest } from '../../data/periods/periods.ts'
import { useServices } from '../../services/app-context.ts'
import { whatToDo } from './period-words.ts'

/** Lets the closing of a period be that is under way on several partitions. */
export function CallOffClosing({ period }: { readonly period: PeriodChecked }) {
  const { client } = useServices()
  const cache = useQueryClient()
  const toast = useToast()
  return (
    <ReasonDialog<ReopenRequest>
      ask="Call it off"
      title={`Call off the closing of ${daysOf(period)}?`}
      effect="Payments can be dated into these days again. They can be closed later, as they stand then."
      confirm="Call it off"
      missing="Say why the period is not closed."
      hint="It stays in the ledger."
      requestFor={(reason) => ({ periodId: period.periodId, reason })}
      send={(request, key) => callOffClosing(client, request, key)}
      onDone={() => {
        toast('Closing called off', daysTitle(period))
        void cache.invalidateQueries({ queryKey: periodsKey })
      }}
      whatToDo={({ problem }) => <p className="text-sm text-ink">{whatToDo(problem)}</p>}
    />
  )
}
