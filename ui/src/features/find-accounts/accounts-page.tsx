import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { oldest } from '../../api/freshness.ts'
import { allows } from '../../api/session.ts'
import { Button, LinkButton } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { EmptyState } from '../../components/empty-state.tsx'
import { QueryFailed } from '../../components/failure/query-failed.tsx'
import { PlusIcon } from '../../components/icons.tsx'
import { ListTools } from '../../components/list-tools.tsx'
import { LoadMore, SortedAmong } from '../../components/load-more.tsx'
import { Page } from '../../components/page.tsx'
import { SkeletonRows } from '../../components/skeleton.tsx'
import { sortRows } from '../../components/sort-rows.ts'
import { type AccountFilter, accountsCsvPath, accountsQuery } from '../../data/accounts/list-accounts.ts'
import { withoutPages } from '../../data/search/page-search.ts'
import { useServices, useSession } from '../../services/app-context.ts'
import { AccountFilters } from './account-filters.tsx'
import { AccountTable, accountSorts } from './account-table.tsx'

const route = getRouteApi('/accounts')

/** Every account that one may see, narrowed by what the address says. */
export function AccountsPage() {
  const { client } = useServices()
  const session = useSession()
  const { sort, zone, ...filter } = withoutPages(route.useSearch())
  const navigate = route.useNavigate()
  const query = useInfiniteQuery(accountsQuery(client, filter, 200))
  const accounts = query.data?.pages.flatMap((page) => page.value.items) ?? []
  const show = (change: AccountFilter) =>
    navigate({ search: (before) => ({ ...before, ...change }), replace: true, resetScroll: false })
  const sorting = {
    by: sort,
    onSort: (by: string | undefined) => navigate({ search: (before) => ({ ...before, sort: by }), resetScroll: false }),
  }
  const mayOpen = allows(session, 'accounts:manage')
  const openOne = (
    <LinkButton to="/open-account">
      <PlusIcon /> Open account
    </LinkButton>
  )
  return (
    <Page
      lead="Balances are live."
      freshness={query.data && oldest(query.data.pages.map((page) => page.freshness))}
      actions={mayOpen ? openOne : null}
    >
      <AccountFilters filter={filter} onChange={show} />
      {query.error && !query.data ? (
        <QueryFailed error={query.error} onRetry={query.refetch} noun="account list" />
      ) : null}
      {query.data && accounts.length === 0 ? (
        <NoAccounts
          filtered={Object.values(filter).some(Boolean)}
          onClear={() => navigate({ search: { zone } })}
          action={mayOpen ? openOne : null}
        />
      ) : null}
      {query.isPending ? (
        <Card>
          <SkeletonRows headings label="Loading accounts" rows={8} />
        </Card>
      ) : null}
      {accounts.length > 0 ? (
        <ListTools
          csvPath={accountsCsvPath(filter)}
          note={<SortedAmong query={query} sort={sort} shown={accounts.length} />}
        >
          <Card className="overflow-hidden">
            <AccountTable accounts={sortRows(accounts, accountSorts, sort)} zone={zone} sorting={sorting} />
            <LoadMore query={query} shown={accounts.length} noun="Accounts" />
          </Card>
        </ListTools>
      ) : null}
    </Page>
  )
}

type NoAccountsProps = { readonly filtered: boolean; readonly onClear: () => void; readonly action: React.ReactNode }

function NoAccounts({ filtered, onClear, action }: NoAccountsProps) {
  if (!filtered) {
    return (
      <EmptyState title="No account yet" action={action}>
        The ledger holds no account. The first one usually is an external account, where deposits come from.
      </EmptyState>
    )
  }
  return (
    <EmptyState
      title="No account matches"
      action={
        <Button look="secondary" onClick={onClear}>
          Clear the filters
        </Button>
      }
    >
      No account has this owner, type, status and currency together.
    </EmptyState>
  )
}
