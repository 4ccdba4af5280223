import type { WorkerStatus } from '@micropay/schemas/api/worker'
import { getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import { allows } from '../../api/session.ts'
import { Card } from '../../components/card.tsx'
import { EmptyState } from '../../components/empty-state.tsx'
import { ListTools } from '../../components/list-tools.tsx'
import { Page } from '../../components/page.tsx'
import { SkeletonRows } from '../../components/skeleton.tsx'
import type { ProjectionSearch } from '../../data/flow/projection-search.ts'
import { useSession } from '../../services/app-context.ts'
import { AcrossSection, AwayNotices } from './across/across-section.tsx'
import { FlowCharts } from './flow/flow-charts.tsx'
import { FlowStrip } from './flow/flow-strip.tsx'
import { useFlow } from './flow/use-flow.ts'
import { VoidList, WorkersTable } from './flow/workers-table.tsx'
import { AlertNotices } from './hour/alert-notices.tsx'
import { HourSection } from './hour/hour-section.tsx'
import { answeringOf } from './known-projections.ts'
import { LogVerified, WorkerNotices } from './ledger-notices.tsx'
import { ProjectionFilter } from './projection-filter.tsx'
import { matching, ProjectionList } from './projection-list.tsx'
import { ProjectionNotices } from './projection-notices.tsx'
import { listServices, listSwitches, reflectedBy, type Switch } from './services.ts'
import { SwitchButtons } from './switch-buttons.tsx'
import { type Asked, SwitchDialog } from './switch-dialog.tsx'
import { SwitchProgress } from './switch-progress.tsx'

const route = getRouteApi('/projections')

/** The whole flow alive, from the gateway to the read models, and the way to build a read model again or to go back. */
export function ProjectionsPage() {
  const session = useSession()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const { flow, rows, asked: stillAsked, projections: query, history, now } = useFlow()
  const [asked, setAsked] = useState<Asked>()
  const [begun, setBegun] = useState<Switch>()
  const { statuses, strangers } = rows
  const total = statuses.length + strangers.length
  const shown = matching(statuses, search).length + matching(strangers, search).length
  const show = (change: ProjectionSearch, replace = true) =>
    navigate({ search: (before) => ({ ...before, ...change }), replace, resetScroll: false })
  return (
    <Page
      lead="From the gateway through the log to the read models. Refreshed every second while you look."
      freshness={query.data && reflectedBy(rows, query.data.freshness)}
    >
      <LedgerNotices workers={flow.workers ?? []} />
      <div className="space-y-3">
        <FlowStrip flow={flow} now={now} asked={stillAsked} />
        <FlowCharts history={history} />
      </div>
      <SectionTitle>Projections</SectionTitle>
      {listSwitches(statuses, begun).map((one) => (
        <div key={one.schema} className="mb-5">
          <SwitchProgress begun={one} statuses={statuses} />
        </div>
      ))}
      <ProjectionNotices query={query} rows={rows} />
      {query.isPending ? (
        <Card>
          <SkeletonRows headings label="Loading projections" />
        </Card>
      ) : null}
      {query.data && total === 0 ? (
        <EmptyState title="No projection reports">
          The projection workers have not started yet. This page asks again every second.
        </EmptyState>
      ) : null}
      {total > 0 ? (
        <ProjectionFilter search={search} services={listServices([...statuses, ...strangers])} onChange={show} />
      ) : null}
      <ListTools opens={false} note={noteOf(`${shown} of ${total} projections`, answeringOf(rows), shown < total)}>
        {total > 0 ? <ProjectionList rows={rows} search={search} onChange={show} /> : null}
        {allows(session, 'platform:operate') && total > 0 ? <SwitchButtons rows={rows} onAsk={setAsked} /> : null}
        <SectionTitle>Workers and partitions</SectionTitle>
        {flow.workers ? (
          <WorkersTable
            workers={flow.workers}
            sorting={{ by: search.workers, onSort: (by) => show({ workers: by }, false) }}
          />
        ) : (
          <EmptyState title="The write side does not answer">
            Commands are refused meanwhile and nothing is lost. This page asks again every second.
          </EmptyState>
        )}
        <AcrossSection workers={flow.workers ?? []} />
        <SectionTitle>Void records</SectionTitle>
        {flow.workers ? <VoidList workers={flow.workers} /> : null}
      </ListTools>
      <SectionTitle>The last hour</SectionTitle>
      <HourSection traffic={flow.traffic} />
      {asked ? <SwitchDialog asked={asked} onStarted={setBegun} onClose={() => setAsked(undefined)} /> : null}
    </Page>
  )
}

/** How many are shown, and how many answer where some do not. */
function noteOf(shown: string, answering: string | undefined, isFiltered: boolean): string {
  if (answering === undefined) return shown
  return isFiltered ? `${shown}; ${answering}` : answering
}

/** What somebody should look at, and whether the log is sound. */
function LedgerNotices({ workers }: { readonly workers: readonly WorkerStatus[] }) {
  return (
    <>
      <AlertNotices />
      <WorkerNotices workers={workers} />
      <AwayNotices workers={workers} />
      <LogVerified />
    </>
  )
}

function SectionTitle({ children }: { readonly children: string }) {
  return <h2 className="mt-8 mb-3 text-lg font-bold">{children}</h2>
}
