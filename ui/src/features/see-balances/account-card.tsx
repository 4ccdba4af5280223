import type { Account } from '@micropay/schemas/api/account'
import { Link } from '@tanstack/react-router'
import { AccountStatusBadge } from '../../components/badge.tsx'
import { BalanceNews } from '../../components/balance-news.tsx'
import { Card } from '../../components/card.tsx'
import { LiveMoney, Money } from '../../components/money.tsx'
import { Skeleton } from '../../components/skeleton.tsx'

/** One account at a glance; the whole card leads to its statement. */
export function AccountCard({ account }: { readonly account: Account }) {
  return (
    <Card className="relative h-full p-5 transition-colors hover:border-line-strong">
      <div className="flex items-start justify-between gap-3">
        <h2 className="min-w-0 font-semibold">
          <Link
            to="/accounts/$accountId"
            params={{ accountId: account.accountId }}
            className="block truncate after:absolute after:inset-0 after:rounded-2xl"
          >
            {account.name ?? account.accountId}
          </Link>
          <span className="block truncate text-xs font-normal text-ink-faint">{account.accountId}</span>
        </h2>
        <AccountStatusBadge account={account} />
      </div>
      <p className="mt-6 text-[1.75rem] leading-9 font-bold tracking-tight">
        <LiveMoney minor={account.balance} currency={account.currency} room={17} />
        <BalanceNews name={account.name ?? account.accountId} minor={account.balance} currency={account.currency} />
      </p>
      <p className="mt-1 text-sm text-ink-soft">
        {account.available === null ? (
          'No limit'
        ) : (
          <>
            Available <Money minor={account.available} currency={account.currency} />
          </>
        )}
        {account.held === '0' ? null : (
          <>
            {' '}
            · <Money minor={account.held} currency={account.currency} /> under way
          </>
        )}
      </p>
    </Card>
  )
}

export function AccountCardSkeleton() {
  return (
    <div role="status" aria-label="Loading accounts" className="grid gap-4 sm:grid-cols-2 xl:grid-cols-3">
      {['a', 'b'].map((key) => (
        <Card key={key} className="h-[10.375rem] p-5">
          <Skeleton className="h-5 w-1/2" />
          <Skeleton className="mt-9 h-8 w-3/4" />
          <Skeleton className="mt-3 h-4 w-2/5" />
        </Card>
      ))}
    </div>
  )
}
