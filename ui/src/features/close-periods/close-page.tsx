import type { PeriodList } from '@micropay/schemas/api/period'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Card } from '../../components/card.tsx'
import { DayField } from '../../components/day-field.tsx'
import { EmptyState } from '../../components/empty-state.tsx'
import { QueryFailed } from '../../components/failure/query-failed.tsx'
import { Filters } from '../../components/filters.tsx'
import { Page } from '../../components/page.tsx'
import { SkeletonRows } from '../../components/skeleton.tsx'
import { checklistQuery, periodsQuery } from '../../data/periods/periods.ts'
import { useServices } from '../../services/app-context.ts'
import { dayIn, shiftedDay } from '../../time/reporting-zone.ts'
import { Checklist } from './checklist.tsx'
import { ConfirmClosing } from './confirm-closing.tsx'
import { endOfLastMonth } from './period-words.ts'

const route = getRouteApi('/close-period')

/** Choose the last day, read the checklist, and close: what was read is what is sealed. */
export function ClosePage() {
  const { client, clock } = useServices()
  const periods = useQuery(periodsQuery(client))
  const { through } = route.useSearch()
  const navigate = route.useNavigate()
  const value = periods.data?.value
  const today = value && dayIn(value.zone, clock.nowMs())
  const chosen = through ?? (today && endOfLastMonth(today))
  return (
    <Page lead={value && openWords(value)}>
      {periods.error && !value ? (
        <QueryFailed error={periods.error} onRetry={periods.refetch} noun="list of periods" />
      ) : null}
      {value && today && chosen ? (
        <>
          <Filters across={3}>
            <DayField
              label="Last day"
              value={chosen}
              min={value.firstOpenDay ?? undefined}
              max={shiftedDay(today, -1)}
              onChange={(day) => navigate({ search: { through: day }, replace: true, resetScroll: false })}
            />
          </Filters>
          {value.firstOpenDay !== null && chosen < value.firstOpenDay ? (
            <EmptyState title={`Everything up to ${chosen} is closed`}>
              Choose a later last day. A day can be closed once it is over.
            </EmptyState>
          ) : (
            <Closing key={chosen} through={chosen} />
          )}
        </>
      ) : null}
      {periods.isPending ? <Loading /> : null}
    </Page>
  )
}

function openWords({ firstOpenDay, zone }: PeriodList): string {
  const open = firstOpenDay === null ? 'Every day is open' : `The first open day is ${firstOpenDay}`
  return `${open}, in days of ${zone}.`
}

function Loading() {
  return (
    <Card>
      <SkeletonRows label="Reading the checklist" />
    </Card>
  )
}

function Closing({ through }: { readonly through: string }) {
  const { client } = useServices()
  const cache = useQueryClient()
  const query = useQuery(checklistQuery(client, through))
  if (query.error && !query.data) {
    return <QueryFailed error={query.error} onRetry={query.refetch} noun="checklist" />
  }
  if (!query.data || query.isFetching) return <Loading />
  const checklist = query.data.value
  return (
    <>
      <Checklist checklist={checklist} />
      <ConfirmClosing
        key={checklist.seq}
        checklist={checklist}
        onReadAgain={async () => {
          await cache.invalidateQueries({ queryKey: periodsQuery(client).queryKey })
          await query.refetch()
        }}
      />
    </>
  )
}
