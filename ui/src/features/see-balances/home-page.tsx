import { useInfiniteQuery } from '@tanstack/react-query'
import { oldest } from '../../api/freshness.ts'
import { LinkButton } from '../../components/button.tsx'
import { EmptyState } from '../../components/empty-state.tsx'
import { QueryFailed } from '../../components/failure/query-failed.tsx'
import { SendIcon } from '../../components/icons.tsx'
import { Page } from '../../components/page.tsx'
import { UnderWay } from '../../components/under-way.tsx'
import { accountsQuery } from '../../data/accounts/list-accounts.ts'
import { useServices, useSession } from '../../services/app-context.ts'
import { AccountCard, AccountCardSkeleton } from './account-card.tsx'
import { RecentPayments } from './recent-payments.tsx'

/** A customer's start: what they have, live, and what happened last. */
export function HomePage() {
  const { client } = useServices()
  const owner = useSession().subject
  const query = useInfiniteQuery(accountsQuery(client, { owner }))
  const accounts = query.data?.pages.flatMap((page) => page.value.items) ?? []
  const freshness = query.data && oldest(query.data.pages.map((page) => page.freshness))
  return (
    <Page
      freshness={freshness}
      actions={
        accounts.length > 0 ? (
          <LinkButton to="/send">
            <SendIcon /> Send money
          </LinkButton>
        ) : null
      }
    >
      {query.error && !query.data ? (
        <QueryFailed error={query.error} onRetry={query.refetch} noun="account list" />
      ) : null}
      {query.isPending ? <AccountCardSkeleton /> : null}
      {query.data && accounts.length === 0 ? (
        <EmptyState title="You have no account yet">
          An operator opens accounts for you. Once there is one, it shows up here by itself.
        </EmptyState>
      ) : null}
      <UnderWay />
      <ul className="grid gap-4 sm:grid-cols-2 xl:grid-cols-3">
        {accounts.map((account) => (
          <li key={account.accountId}>
            <AccountCard account={account} />
          </li>
        ))}
      </ul>
      {accounts.length > 0 ? <RecentPayments ownAccounts={accounts} /> : null}
    </Page>
  )
}
