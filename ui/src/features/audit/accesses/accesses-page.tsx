import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Button } from '../../../components/button.tsx'
import { Card } from '../../../components/card.tsx'
import { EmptyState } from '../../../components/empty-state.tsx'
import { QueryFailed } from '../../../components/failure/query-failed.tsx'
import { Filters } from '../../../components/filters.tsx'
import { Instant } from '../../../components/instant.tsx'
import { ListTools } from '../../../components/list-tools.tsx'
import { LoadMore } from '../../../components/load-more.tsx'
import { Page } from '../../../components/page.tsx'
import { SearchField } from '../../../components/search-field.tsx'
import { SkeletonRows } from '../../../components/skeleton.tsx'
import { Cell, Table } from '../../../components/table.tsx'
import type { AccessSearch } from '../../../data/audit/access-search.ts'
import { accessesCsvPath, accessesQuery } from '../../../data/audit/audit.ts'
import { withoutPages } from '../../../data/search/page-search.ts'
import { useServices } from '../../../services/app-context.ts'
import { AuditTabs } from '../audit-tabs.tsx'

const route = getRouteApi('/audit/accesses')

/** Its order is that of time, the one that the list is kept in; who and what are searched for instead of sorted by. */
const columns = [
  { name: 'When', className: 'hidden sm:table-cell' },
  { name: 'Who' },
  { name: 'What was asked' },
] as const

/** Who audits the auditors: every look at the log, this one too, in a list that nobody can shorten. */
export function AccessesPage() {
  const { client } = useServices()
  const search = withoutPages(route.useSearch())
  const navigate = route.useNavigate()
  const query = useInfiniteQuery(accessesQuery(client, search))
  const show = (change: AccessSearch) =>
    navigate({ search: (before) => ({ ...before, ...change }), replace: true, resetScroll: false })
  const accesses = query.data?.pages.flatMap((page) => page.value.items) ?? []
  return (
    <Page lead="Every use of the audit, newest first. Rows are added, and never changed or deleted.">
      <AuditTabs />
      <Filters across={2}>
        <SearchField
          label="Who"
          placeholder="auditor:vera"
          value={search.subject ?? ''}
          onSearch={(subject) => show({ subject: subject || undefined })}
        />
        <SearchField
          label="What was asked"
          placeholder="A part of it, such as ada:main"
          value={search.text ?? ''}
          onSearch={(text) => show({ text: text || undefined })}
        />
      </Filters>
      {query.error && !query.data ? (
        <QueryFailed error={query.error} onRetry={query.refetch} noun="access log" />
      ) : null}
      {query.isPending ? (
        <Card>
          <SkeletonRows headings label="Loading the access log" rows={8} />
        </Card>
      ) : null}
      {query.data && accesses.length === 0 && !query.hasNextPage ? (
        <EmptyState
          title="No access matches"
          action={
            <Button look="secondary" onClick={() => navigate({ search: {} })}>
              Show all accesses
            </Button>
          }
        >
          Nobody asked that. Who is looked for by the whole subject, such as auditor:vera.
        </EmptyState>
      ) : null}
      {accesses.length > 0 || query.hasNextPage ? (
        <ListTools csvPath={accessesCsvPath(search)} opens={false}>
          <Card className="overflow-hidden">
            {accesses.length > 0 ? (
              <Table label="Accesses, newest first" columns={columns}>
                {accesses.map(({ id, at, subject, client: through, request }) => (
                  <tr key={id}>
                    <Cell className="hidden text-ink-soft sm:table-cell">
                      <Instant at={at} />
                    </Cell>
                    <Cell>
                      <span className="block font-medium whitespace-nowrap">{subject}</span>
                      <span className="block text-xs text-ink-soft">through {through}</span>
                      <span className="block text-xs text-ink-soft sm:hidden">
                        <Instant at={at} />
                      </span>
                    </Cell>
                    <Cell className="break-all sm:min-w-64">
                      <code className="text-xs">{request}</code>
                    </Cell>
                  </tr>
                ))}
              </Table>
            ) : null}
            <LoadMore query={query} shown={accesses.length} noun="Accesses" />
          </Card>
        </ListTools>
      ) : null}
    </Page>
  )
}
