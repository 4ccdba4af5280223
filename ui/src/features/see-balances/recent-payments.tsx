import type { Account } from '@micropay/schemas/api/account'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { LinkButton } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { QueryFailed } from '../../components/failure/query-failed.tsx'
import { Instant } from '../../components/instant.tsx'
import { Money } from '../../components/money.tsx'
import { SkeletonRows } from '../../components/skeleton.tsx'
import { paymentsQuery } from '../../data/payments/list-payments.ts'
import { movementOf } from '../../data/payments/movement.ts'
import { useServices } from '../../services/app-context.ts'

const SHOWN = 8

/** The last payments that touched one's own accounts, seen from one's own side. */
export function RecentPayments({ ownAccounts }: { readonly ownAccounts: readonly Account[] }) {
  const { client } = useServices()
  const query = useInfiniteQuery(paymentsQuery(client, {}, SHOWN))
  const own = new Set<string>(ownAccounts.map((account) => account.accountId))
  const payments = query.data?.pages[0]?.value.items ?? []
  return (
    <section className="mt-10" aria-labelledby="recent">
      <div className="mb-3 flex items-center justify-between gap-4">
        <h2 id="recent" className="text-lg font-bold">
          Latest payments
        </h2>
        <LinkButton to="/payments" look="quiet" className="-mr-4">
          All payments
        </LinkButton>
      </div>
      {query.error && !query.data ? (
        <QueryFailed error={query.error} onRetry={query.refetch} noun="payment list" />
      ) : null}
      <Card className="overflow-hidden">
        {query.isPending ? <SkeletonRows label="Loading payments" /> : null}
        {query.data && payments.length === 0 ? (
          <p className="px-5 py-8 text-center text-ink-soft">
            No payment yet. The first one you send or get shows up here.
          </p>
        ) : null}
        <ul className="divide-y divide-line">
          {payments.map((payment) => {
            const movement = movementOf(payment, own)
            return (
              <li
                key={payment.paymentId}
                className="relative flex min-h-16 items-center justify-between gap-4 px-5 py-3 hover:bg-sunken"
              >
                <span className="min-w-0">
                  <Link
                    to="/payments/$paymentId"
                    params={{ paymentId: payment.paymentId }}
                    className="block truncate font-medium after:absolute after:inset-0 focus-visible:after:outline-2"
                  >
                    {movement.words} {movement.counterparty}
                  </Link>
                  <span className="block truncate text-sm text-ink-soft">
                    <Instant at={payment.effectiveAt} show="day" />
                    {payment.reference ? ` · ${payment.reference}` : ''}
                  </span>
                </span>
                <span className="shrink-0 text-right font-semibold">
                  <Money minor={movement.amountMinor} currency={movement.currency} signed={movement.moved} />
                  {payment.status === 'rejected' ? (
                    <span className="block text-xs font-semibold text-bad">Refused</span>
                  ) : null}
                  {payment.status === 'pending' ? (
                    <span className="block text-xs font-semibold text-warn">Under way</span>
                  ) : null}
                </span>
              </li>
            )
          })}
        </ul>
      </Card>
    </section>
  )
}
