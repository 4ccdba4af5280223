import type { Account } from '@micropay/schemas/api/account'
import type { ReactNode } from 'react'
import { LiveMoney, Money } from '../../components/money.tsx'
import { Skeleton } from '../../components/skeleton.tsx'

/**
 * Balance, what can be spent, what payments under way take or bring, and how far below zero it may go; three skeletons
 * of the same size until they come.
 */
export function BalanceFigures({ account }: { readonly account: Account | undefined }) {
  return (
    <dl className="flex flex-wrap gap-x-6 gap-y-5 sm:gap-x-8">
      <Figure name="Balance" big>
        {account && <LiveMoney minor={account.balance} currency={account.currency} room={28} />}
      </Figure>
      <Figure name="Available">
        {account &&
          (account.available === null ? (
            'No limit'
          ) : (
            <Money minor={account.available} currency={account.currency} room={28} />
          ))}
      </Figure>
      {account && account.held !== '0' ? (
        <Figure name="Held by payments under way">
          <Money minor={account.held} currency={account.currency} room={28} />
        </Figure>
      ) : null}
      {account && account.due !== '0' ? (
        <Figure name="To come by payments under way">
          <Money minor={account.due} currency={account.currency} room={28} />
        </Figure>
      ) : null}
      <Figure name="Overdraft limit">
        {account &&
          (account.overdraftLimit === 'unlimited' ? (
            'Unlimited'
          ) : (
            <Money minor={account.overdraftLimit} currency={account.currency} room={28} />
          ))}
      </Figure>
    </dl>
  )
}

type FigureProps = { readonly name: string; readonly big?: boolean; readonly children: ReactNode }

function Figure({ name, big = false, children }: FigureProps) {
  return (
    <div className={`grow ${big ? 'basis-full sm:basis-40' : 'basis-32 sm:basis-40'}`}>
      <dt className="text-sm text-ink-soft">{name}</dt>
      <dd
        className={`mt-1 flex h-10 items-center tracking-tight ${big ? 'text-3xl font-bold' : 'text-xl font-semibold'}`}
      >
        {children ?? <Skeleton className="h-7 w-36" />}
      </dd>
    </div>
  )
}
