import type { Account } from '@micropay/schemas/api/account'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Card } from '../../components/card.tsx'
import { DayField } from '../../components/day-field.tsx'
import { QueryFailed } from '../../components/failure/query-failed.tsx'
import { Money } from '../../components/money.tsx'
import { Skeleton } from '../../components/skeleton.tsx'
import { balanceOnQuery } from '../../data/accounts/get-balance-on.ts'
import { useReportingZone, useServices } from '../../services/app-context.ts'

const route = getRouteApi('/accounts/$accountId')

/** What the account held when a day ended, by value date and, where that differs, by when it was booked. */
export function BalanceOnDay({ account }: { readonly account: Account }) {
  const { on } = route.useSearch()
  const navigate = route.useNavigate()
  return (
    <Card className="mb-8 flex flex-wrap items-end gap-x-8 gap-y-4 p-5 sm:p-6">
      <DayField
        label="Balance at the end of"
        value={on}
        onChange={(day) =>
          navigate({ search: (before) => ({ ...before, on: day }), replace: true, resetScroll: false })
        }
      />
      {on ? <Figures account={account} on={on} /> : <p className="py-2.5 text-ink-soft">Choose a day to see it.</p>}
    </Card>
  )
}

function Figures({ account, on }: { readonly account: Account; readonly on: string }) {
  const { client } = useServices()
  const zone = useReportingZone(route.useSearch().zone)
  const query = useQuery(balanceOnQuery(client, account.accountId, on, zone))
  if (query.error) return <QueryFailed error={query.error} onRetry={query.refetch} noun="balance" />
  const balance = query.data?.value
  const figures = [
    [`By value date, ${on}`, balance?.byValueDate],
    [`By booking, ${on}`, balance?.byBooking],
  ] as const
  return (
    <dl aria-live="polite" className="flex flex-wrap gap-x-8 gap-y-3">
      {figures.map(([name, minor]) => (
        <div key={name}>
          <dt className="text-sm text-ink-soft">{name}</dt>
          <dd className="flex h-8 items-center text-xl font-semibold">
            {minor === undefined ? (
              <Skeleton className="h-6 w-28" />
            ) : (
              <Money minor={minor} currency={account.currency} />
            )}
          </dd>
        </div>
      ))}
    </dl>
  )
}
