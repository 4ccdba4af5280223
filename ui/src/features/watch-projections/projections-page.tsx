import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { projectionsQuery } from '../../api/list-projections.ts'
import { allows } from '../../api/session.ts'
import { useServices, useSession } from '../../app/app-context.ts'
import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { EmptyState } from '../../components/empty-state.tsx'
import { Notice } from '../../components/notice.tsx'
import { Page } from '../../components/page.tsx'
import { SkeletonRows } from '../../components/skeleton.tsx'
import { QueryFailed } from '../lost/query-failed.tsx'
import { ProjectionTable } from './projection-table.tsx'
import { RebuildDialog } from './rebuild-dialog.tsx'
import { listServices, reflectedBy } from './services.ts'

/** How far every read model is, each second anew, and the way to build one again from the log. */
export function ProjectionsPage() {
  const { client } = useServices()
  const session = useSession()
  const query = useQuery(projectionsQuery(client))
  const [rebuilding, setRebuilding] = useState<string>()
  const statuses = query.data?.value.items ?? []
  const stopped = statuses.filter((status) => status.stopped !== null)
  const mayRebuild = allows(session, 'projections:operate')
  return (
    <Page
      title="Projections"
      lead="Read models follow the log. Refreshed every second."
      freshness={query.data && reflectedBy(statuses, query.data.freshness)}
      actions={
        mayRebuild
          ? listServices(statuses).map((service) => (
              <Button key={service} look="secondary" onClick={() => setRebuilding(service)}>
                Rebuild {service}
              </Button>
            ))
          : null
      }
    >
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
        <Card className="overflow-hidden">
          <ProjectionTable statuses={statuses} />
        </Card>
      ) : null}
      {rebuilding ? <RebuildDialog service={rebuilding} onClose={() => setRebuilding(undefined)} /> : null}
    </Page>
  )
}
