import type { Period, PeriodList } from '@micropay/schemas/api/period'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { allows } from '../../api/session.ts'
import { LinkButton } from '../../components/button.tsx'
import { Card, Facts } from '../../components/card.tsx'
import { EmptyState } from '../../components/empty-state.tsx'
import { QueryFailed } from '../../components/failure/query-failed.tsx'
import { Instant } from '../../components/instant.tsx'
import { ListTools } from '../../components/list-tools.tsx'
import { Page } from '../../components/page.tsx'
import { SkeletonRows } from '../../components/skeleton.tsx'
import { Cell, type Column, Table } from '../../components/table.tsx'
import { givenWords } from '../../data/approvals/given-words.ts'
import { daysTitle } from '../../data/periods/days-of.ts'
import { periodsQuery } from '../../data/periods/periods.ts'
import { useServices, useSession } from '../../services/app-context.ts'
import { PeriodState } from './period-state.tsx'
import { SetZone } from './set-zone.tsx'

/** What is closed and from where on days are open, and the way to close the next period. */
export function PeriodsPage() {
  const { client } = useServices()
  const query = useQuery(periodsQuery(client))
  const mayClose = allows(useSession(), 'periods:close')
  const periods = query.data?.value
  return (
    <Page
      lead="The days whose figures are sealed. Nothing can be booked into them."
      freshness={query.data?.freshness}
      actions={mayClose ? <LinkButton to="/close-period">Close a period</LinkButton> : null}
    >
      {query.error && !query.data ? (
        <QueryFailed error={query.error} onRetry={query.refetch} noun="list of periods" />
      ) : null}
      {query.isPending ? (
        <Card>
          <SkeletonRows headings label="Loading periods" />
        </Card>
      ) : null}
      {periods ? <OpenDays periods={periods} mayClose={mayClose} /> : null}
      {periods?.items.length === 0 ? (
        <EmptyState title="No period is closed yet">
          Every day up to today can be booked into. Close a period once its figures are final.
        </EmptyState>
      ) : null}
      {periods && periods.items.length > 0 ? (
        <ListTools>
          <Card className="overflow-hidden">
            <Table label="Periods" columns={columns}>
              {periods.items.map((period) => (
                <PeriodRow key={period.periodId} period={period} />
              ))}
            </Table>
          </Card>
        </ListTools>
      ) : null}
    </Page>
  )
}

type OpenDaysProps = { readonly periods: PeriodList; readonly mayClose: boolean }

function OpenDays({ periods: { firstOpenDay, zone }, mayClose }: OpenDaysProps) {
  return (
    <Card className="mb-5 px-4 sm:px-5">
      <Facts
        facts={[
          ['First open day', firstOpenDay ?? 'Every day is open'],
          ['Days are those of', zone],
        ]}
      />
      {mayClose ? (
        <div className="pb-4">
          <SetZone zone={zone} />
        </div>
      ) : null}
    </Card>
  )
}

const columns: readonly Column[] = [
  { name: 'Days' },
  { name: 'State' },
  { name: 'Closed', className: 'hidden sm:table-cell' },
  { name: 'Position', className: 'hidden lg:table-cell' },
  { name: 'Digest', className: 'hidden lg:table-cell' },
]

function PeriodRow({ period }: { readonly period: Period }) {
  const { periodId, status, closedAt, digest } = period
  const closedBy = givenWords({ by: period.closedBy, approvedBy: period.approvedBy })
  return (
    <tr className="hover:bg-sunken">
      <Cell>
        <Link
          to="/periods/$periodId"
          params={{ periodId }}
          className="flex min-h-11 flex-col justify-center font-medium text-accent hover:underline"
        >
          {daysTitle(period)}
          <span className="text-xs font-normal break-words text-ink-faint">
            {periodId}
            <span className="block sm:hidden">closed by {closedBy}</span>
          </span>
        </Link>
      </Cell>
      <Cell>
        <PeriodState status={status} />
      </Cell>
      <Cell className="hidden sm:table-cell">
        <Instant at={closedAt} />
        <span className="block text-xs break-words text-ink-soft">by {closedBy}</span>
      </Cell>
      <Cell className="hidden whitespace-nowrap lg:table-cell">{period.position}</Cell>
      <Cell className="hidden lg:table-cell">
        <code className="text-xs" title={digest}>
          {digest.slice(0, 12)}…
        </code>
      </Cell>
    </tr>
  )
}
