import type { ProjectionStatus } from '@micropay/schemas/api/projection'
import { getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import { allows } from '../../api/session.ts'
import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { EmptyState } from '../../components/empty-state.tsx'
import { QueryFailed } from '../../components/failure/query-failed.tsx'
import { ListTools } from '../../components/list-tools.tsx'
import { Notice } from '../../components/notice.tsx'
import { Page } from '../../components/page.tsx'
import { SkeletonRows } from '../../components/skeleton.tsx'
import type { ProjectionSearch } from '../../data/flow/projection-search.ts'
import { useSession } from '../../services/app-context.ts'
import { FlowCharts } from './flow/flow-charts.tsx'
import { FlowStrip } from './flow/flow-strip.tsx'
import { useFlow } from './flow/use-flow.ts'
import { VoidList, WorkersTable } from './flow/workers-table.tsx'
import { ProjectionFilter } from './projection-filter.tsx'
import { matching, ProjectionList } from './projection-list.tsx'
import { isSwitching, listServices, listSwitches, reflectedBy, type Switch } from './services.ts'
import { type Asked, SwitchDialog } from './switch-dialog.tsx'
import { SwitchProgress } from './switch-progress.tsx'

const route = getRouteApi('/projections')

/** The whole flow alive, from the gateway to the read models, and the way to build a read model again or to go back. */
export function ProjectionsPage() {
  const session = useSession()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const flow = useFlow()
  const { projections: query, workers, history } = flow
  const [asked, setAsked] = useState<Asked>()
  const [begun, setBegun] = useState<Switch>()
  const statuses = query.data?.value.items ?? []
  const unreachable = query.data?.value.unreachable ?? []
  const stopped = statuses.filter((status) => status.stopped !== null)
  const show = (change: ProjectionSearch, replace = true) =>
    navigate({ search: (before) => ({ ...before, ...change }), replace, resetScroll: false })
  const mayOperate = allows(session, 'projections:operate')
  return (
    <Page
      lead="From the gateway through the log to the read models. Refreshed every second while you look."
      freshness={query.data && reflectedBy(statuses, query.data.freshness)}
    >
      <div className="space-y-3">
        <FlowStrip flow={flow} now={flow.now} />
        <FlowCharts history={history} />
      </div>
      <SectionTitle>Projections</SectionTitle>
      {listSwitches(statuses, begun).map((one) => (
        <div key={one.schema} className="mb-5">
          <SwitchProgress begun={one} statuses={statuses} />
        </div>
      ))}
      {unreachable.length > 0 ? (
        <div className="mb-5">
          <Notice tone="warn" title="Some projection services do not say where they stand">
            {unreachable.map(({ service, reason }) => `${service}: ${reason}`).join('; ')}
          </Notice>
        </div>
      ) : null}
      {query.error && !query.data ? (
        <QueryFailed error={query.error} onRetry={query.refetch} noun="projection list" />
      ) : null}
      {query.error && query.data ? (
        <div className="mb-5">
          <Notice tone="warn" title="These figures are no longer refreshed">
            The last answer stands below. Asking again every second.
          </Notice>
        </div>
      ) : null}
      {stopped.length > 0 ? (
        <div className="mb-5">
          <Notice
            tone="bad"
            title={`${stopped.length} ${stopped.length === 1 ? 'projection stands' : 'projections stand'} still`}
          >
            <ul>
              {stopped.map((status) => (
                <li key={`${status.schema}/${status.name}/${status.partition}`}>
                  {status.name} {status.version}, partition {status.partition}: {status.stopped}
                </li>
              ))}
            </ul>
          </Notice>
        </div>
      ) : null}
      {query.isPending ? (
        <Card>
          <SkeletonRows headings label="Loading projections" />
        </Card>
      ) : null}
      {query.data && statuses.length === 0 ? (
        <EmptyState title="No projection reports">
          The projection workers have not started yet. This page asks again every second.
        </EmptyState>
      ) : null}
      {statuses.length > 0 ? (
        <ProjectionFilter search={search} services={listServices(statuses)} onChange={show} />
      ) : null}
      <ListTools opens={false} note={`${matching(statuses, search).length} of ${statuses.length} projections`}>
        {statuses.length > 0 ? <ProjectionList statuses={statuses} search={search} onChange={show} /> : null}
        {mayOperate && statuses.length > 0 ? <SwitchButtons statuses={statuses} onAsk={setAsked} /> : null}
        <SectionTitle>Workers and partitions</SectionTitle>
        {workers ? (
          <WorkersTable
            workers={workers}
            sorting={{ by: search.workers, onSort: (by) => show({ workers: by }, false) }}
          />
        ) : (
          <EmptyState title="The write side does not answer">
            Commands are refused meanwhile and nothing is lost. This page asks again every second.
          </EmptyState>
        )}
        <SectionTitle>Void records</SectionTitle>
        {workers ? <VoidList workers={workers} /> : null}
      </ListTools>
      {asked ? <SwitchDialog asked={asked} onStarted={setBegun} onClose={() => setAsked(undefined)} /> : null}
    </Page>
  )
}

function SectionTitle({ children }: { readonly children: string }) {
  return <h2 className="mt-8 mb-3 text-lg font-bold">{children}</h2>
}

type SwitchButtonsProps = { readonly statuses: readonly ProjectionStatus[]; readonly onAsk: (asked: Asked) => void }

/** A rebuild for every service, and the way back where a version is kept. */
function SwitchButtons({ statuses, onAsk }: SwitchButtonsProps) {
  return (
    <div className="mt-3 flex flex-wrap gap-2">
      {listServices(statuses).map((service) => (
        <Button
          key={service}
          look="secondary"
          busy={isSwitching(statuses, service)}
          onClick={() => onAsk({ service, what: 'rebuild' })}
        >
          Rebuild {service}
        </Button>
      ))}
      {listServices(statuses.filter(({ state }) => state === 'retired')).map((service) => (
        <Button
          key={service}
          look="quiet"
          busy={isSwitching(statuses, service)}
          onClick={() => onAsk({ service, what: 'rollback' })}
        >
          Roll back {service}
        </Button>
      ))}
    </div>
  )
}
