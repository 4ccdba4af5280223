import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { oldest } from '../../api/freshness.ts'
import { allows } from '../../api/session.ts'
import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { EmptyState } from '../../components/empty-state.tsx'
import { QueryFailed } from '../../components/failure/query-failed.tsx'
import { SelectField } from '../../components/field.tsx'
import { Filters } from '../../components/filters.tsx'
import { ListTools } from '../../components/list-tools.tsx'
import { LoadMore, SortedAmong } from '../../components/load-more.tsx'
import { Page } from '../../components/page.tsx'
import { SkeletonRows } from '../../components/skeleton.tsx'
import { sortRows } from '../../components/sort-rows.ts'
import { useExternalAccounts } from '../../components/use-external-accounts.ts'
import { ZoneField } from '../../components/zone-field.tsx'
import type { ReconcileSearch } from '../../data/books/finance-search.ts'
import { reconciliationsCsvPath, reconciliationsQuery } from '../../data/books/reconcile.ts'
import { withoutPages } from '../../data/search/page-search.ts'
import { useServices, useSession } from '../../services/app-context.ts'
import { ImportForm } from './import-form.tsx'
import { StatementTable, statementSorts } from './statement-table.tsx'

const route = getRouteApi('/reconcile')

/** Bank statements, newest first, each with what is open; and the import of the next one. */
export function ReconcilePage() {
  const { client } = useServices()
  const session = useSession()
  const { sort, ...filter } = withoutPages(route.useSearch())
  const navigate = route.useNavigate()
  const query = useInfiniteQuery(reconciliationsQuery(client, filter))
  const statements = query.data?.pages.flatMap((page) => page.value.items) ?? []
  const show = (change: ReconcileSearch, replace = true) =>
    navigate({ search: (before) => ({ ...before, ...change }), replace, resetScroll: false })
  return (
    <Page
      lead="Bank statements against the ledger, as it stands now."
      freshness={query.data && oldest(query.data.pages.map((page) => page.freshness))}
    >
      {allows(session, 'reconciliation:operate') ? <ImportForm /> : null}
      <Filters across={3}>
        <AccountFilter value={filter.account} onChange={(account) => show({ account })} />
        <SelectField
          label="Which of them"
          value={filter.withdrawn ?? ''}
          onChange={(withdrawn) => show({ withdrawn: withdrawn === 'true' ? 'true' : undefined })}
        >
          <option value="">Current</option>
          <option value="true">Withdrawn</option>
        </SelectField>
        <ZoneField value={filter.zone} onChange={(zone) => show({ zone })} />
      </Filters>
      {query.error && !query.data ? (
        <QueryFailed error={query.error} onRetry={query.refetch} noun="list of statements" />
      ) : null}
      {query.isPending ? (
        <Card>
          <SkeletonRows headings label="Loading statements" />
        </Card>
      ) : null}
      {query.data && statements.length === 0 ? (
        <NoStatements
          filter={filter}
          onShowAll={() => show({ account: undefined, withdrawn: undefined })}
          onShowWithdrawn={() => show({ withdrawn: 'true' })}
        />
      ) : null}
      {statements.length > 0 ? (
        <ListTools
          csvPath={reconciliationsCsvPath(filter)}
          note={<SortedAmong query={query} sort={sort} shown={statements.length} />}
        >
          <Card className="overflow-hidden">
            <StatementTable
              statements={sortRows(statements, statementSorts, sort)}
              zone={filter.zone}
              sorting={{ by: sort, onSort: (by) => show({ sort: by }, false) }}
            />
            <LoadMore query={query} shown={statements.length} noun="Statements" />
          </Card>
        </ListTools>
      ) : null}
    </Page>
  )
}

type AccountFilterProps = {
  readonly value: string | undefined
  readonly onChange: (account: string | undefined) => void
}

function AccountFilter({ value, onChange }: AccountFilterProps) {
  const ids = useExternalAccounts().accounts.map(({ accountId }) => String(accountId))
  return (
    <SelectField label="Statements of" value={value ?? ''} onChange={(account) => onChange(account || undefined)}>
      <option value="">All external accounts</option>
      {[...new Set([...ids, ...(value ? [value] : [])])].map((accountId) => (
        <option key={accountId}>{accountId}</option>
      ))}
    </SelectField>
  )
}

type NoStatementsProps = {
  readonly filter: ReconcileSearch
  readonly onShowAll: () => void
  readonly onShowWithdrawn: () => void
}

function NoStatements({ filter, onShowAll, onShowWithdrawn }: NoStatementsProps) {
  const { client } = useServices()
  const isOfCurrent = filter.withdrawn === undefined
  const behind = useInfiniteQuery({
    ...reconciliationsQuery(client, { ...filter, withdrawn: 'true' }),
    enabled: isOfCurrent,
  })
  const hasWithdrawn = isOfCurrent && (behind.data?.pages[0]?.value.items.length ?? 0) > 0
  const narrowed = filter.account !== undefined || filter.withdrawn !== undefined
  const of = filter.account === undefined ? '' : ' of this account'
  const nothing = filter.withdrawn
    ? `No statement${of} was withdrawn`
    : hasWithdrawn
      ? `Every statement${of} was withdrawn`
      : `No statement${of || ' yet'}`
  const showAll = (
    <Button look="secondary" onClick={onShowAll}>
      Show all statements
    </Button>
  )
  return (
    <EmptyState
      title={nothing}
      action={
        <>
          {hasWithdrawn ? (
            <Button look="secondary" onClick={onShowWithdrawn}>
              Show withdrawn ones
            </Button>
          ) : null}
          {narrowed ? showAll : null}
        </>
      }
    >
      Import the camt.053 file of a bank for the external account that stands for it.
    </EmptyState>
  )
}
