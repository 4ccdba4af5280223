import { useInfiniteQuery } from '@tanstack/react-query'
import { accessesQuery } from '../../api/audit.ts'
import { useServices } from '../../app/app-context.ts'
import { Card } from '../../components/card.tsx'
import { Instant } from '../../components/instant.tsx'
import { LoadMore } from '../../components/load-more.tsx'
import { Page } from '../../components/page.tsx'
import { SkeletonRows } from '../../components/skeleton.tsx'
import { Cell, Table } from '../../components/table.tsx'
import { QueryFailed } from '../lost/query-failed.tsx'
import { AuditTabs } from './audit-tabs.tsx'

const columns = [{ name: 'When' }, { name: 'Who' }, { name: 'What was asked' }] as const

/** Who audits the auditors: every look at the log, this one too, in a list that nobody can shorten. */
export function AccessesPage() {
  const { client } = useServices()
  const query = useInfiniteQuery(accessesQuery(client))
  const accesses = query.data?.pages.flatMap((page) => page.value.items) ?? []
  return (
    <Page title="Access log" lead="Every use of the audit, newest first. Rows are added, and never changed or deleted.">
      <AuditTabs />
      {query.error && !query.data ? (
        <QueryFailed error={query.error} onRetry={query.refetch} noun="access log" />
      ) : null}
      {query.isPending ? (
        <Card>
          <SkeletonRows headings label="Loading the access log" rows={8} />
        </Card>
      ) : null}
      {accesses.length > 0 ? (
        <Card className="overflow-hidden">
          <Table label="Accesses, newest first" columns={columns}>
            {accesses.map(({ id, at, subject, client: through, request }) => (
              <tr key={id} className="h-14">
                <Cell className="text-ink-soft">
                  <Instant at={at} />
                </Cell>
                <Cell>
                  <span className="block font-medium whitespace-nowrap">{subject}</span>
                  <span className="block text-xs text-ink-soft">through {through}</span>
                </Cell>
                <Cell className="min-w-64 break-all">
                  <code className="text-xs">{request}</code>
                </Cell>
              </tr>
            ))}
          </Table>
          <LoadMore query={query} shown={accesses.length} noun="Accesses" />
        </Card>
      ) : null}
    </Page>
  )
}
