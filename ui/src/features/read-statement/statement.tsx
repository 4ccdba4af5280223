import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { entriesQuery } from '../../api/list-entries.ts'
import { useServices } from '../../app/app-context.ts'
import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { EmptyState } from '../../components/empty-state.tsx'
import { SelectField, TextField } from '../../components/field.tsx'
import { LoadMore } from '../../components/load-more.tsx'
import { SkeletonRows } from '../../components/skeleton.tsx'
import { QueryFailed } from '../lost/query-failed.tsx'
import { filterEntries } from './filter-entries.ts'
import { StatementTable } from './statement-table.tsx'

const route = getRouteApi('/accounts/$accountId')

/** The movements of an account, newest first; the filter looks through what is loaded and says so. */
export function Statement({ accountId }: { readonly accountId: string }) {
  const { client } = useServices()
  const { text, direction } = route.useSearch()
  const navigate = route.useNavigate()
  const query = useInfiniteQuery(entriesQuery(client, accountId))
  const loaded = query.data?.pages.flatMap((page) => page.value.items) ?? []
  const entries = filterEntries(loaded, { text, direction })
  const filtered = Boolean(text || direction)
  const show = (change: { text?: string | undefined; direction?: 'in' | 'out' | undefined }) =>
    navigate({ search: (before) => ({ ...before, ...change }), replace: true, resetScroll: false })
  return (
    <section aria-labelledby="statement">
      <h2 id="statement" className="mb-3 text-lg font-bold">
        Statement
      </h2>
      <search className="mb-4 grid gap-4 sm:grid-cols-[2fr_1fr] print:hidden">
        <TextField
          label="Search"
          type="search"
          placeholder="Counterparty, reference, description"
          value={text ?? ''}
          onChange={(value) => show({ text: value || undefined })}
        />
        <SelectField
          label="Direction"
          value={direction ?? ''}
          onChange={(value) => show({ direction: value === 'in' || value === 'out' ? value : undefined })}
        >
          <option value="">In and out</option>
          <option value="in">Money in</option>
          <option value="out">Money out</option>
        </SelectField>
      </search>
      {query.error && !query.data ? <QueryFailed error={query.error} onRetry={query.refetch} noun="statement" /> : null}
      {query.isPending ? (
        <Card>
          <SkeletonRows headings label="Loading the statement" rows={8} />
        </Card>
      ) : null}
      {query.data && loaded.length === 0 ? (
        <EmptyState title="No movement yet">
          The first payment in or out of this account shows up here by itself.
        </EmptyState>
      ) : null}
      {loaded.length > 0 ? (
        <Card className="overflow-hidden">
          {entries.length > 0 ? (
            <StatementTable entries={entries} />
          ) : (
            <div className="flex flex-wrap items-center justify-between gap-3 px-5 py-8">
              <p className="text-ink-soft">None of the {loaded.length} entries loaded so far matches.</p>
              <Button look="secondary" onClick={() => navigate({ search: {}, replace: true, resetScroll: false })}>
                Clear the filters
              </Button>
            </div>
          )}
          <LoadMore query={query} shown={entries.length} noun="Entries" outOf={filtered ? loaded.length : undefined} />
        </Card>
      ) : null}
    </section>
  )
}
