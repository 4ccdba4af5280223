import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import type { Waiting } from '../../api/waiting.ts'
import { Button } from '../../components/button.tsx'
import { Card, Facts } from '../../components/card.tsx'
import { focusOnMount } from '../../components/focus-on-mount.ts'
import { Money } from '../../components/money.tsx'
import { WaitingNotice } from '../../components/waiting-notice.tsx'
import { accountQuery } from '../../data/accounts/get-account.ts'
import { type PaymentRequest, postingIn } from '../../data/payments/make-payment.ts'
import { useServices } from '../../services/app-context.ts'
import { Named, type NameOf } from './named.tsx'

type PaymentReviewProps = {
  readonly request: PaymentRequest
  readonly confirm: string
  /** The accounts whose balances the reader may see. */
  readonly visible: readonly string[]
  readonly nameOf: NameOf
  readonly busy?: boolean
  /** Set where the payment would wait for a second person. */
  readonly wouldWait: Waiting | undefined
  /** The day that it counts on, where that is not now. */
  readonly valueDay?: string | undefined
  /** What else there is to know before one confirms. */
  readonly children?: ReactNode
  readonly onConfirm: () => void
  readonly onChange: () => void
}

/**
 * The last look before money moves: who, how much, and what will be left. The ledger has already said that it would
 * take it.
 */
export function PaymentReview({
  request,
  confirm,
  busy = false,
  visible,
  nameOf,
  wouldWait,
  valueDay,
  children,
  onConfirm,
  onChange,
}: PaymentReviewProps) {
  const posting = postingIn(request)
  if (!posting) return null
  const { from, to, amount, currency } = posting
  return (
    <Card className="p-5 sm:p-6">
      <h2 ref={focusOnMount} tabIndex={-1} className="text-lg font-bold">
        Check and confirm
      </h2>
      <p className="mt-4 text-4xl font-bold tracking-tight">
        <Money minor={amount} currency={currency} room={28} />
      </p>
      <div className="mt-4">
        <Facts
          facts={[
            ['From', <Named key="from" accountId={from} name={nameOf(from)} />],
            ['To', <Named key="to" accountId={to} name={nameOf(to)} />],
            ...(request.reference ? [['Reference', request.reference] as const] : []),
            ...(request.description ? [['Description', request.description] as const] : []),
            ...(valueDay ? [['Value date', valueDay] as const] : []),
            ['Arrives', wouldWait ? 'Once a second person has approved it' : 'At once, when it is posted'],
          ]}
        />
      </div>
      {visible.includes(from) ? <BalanceAfter accountId={from} deltaMinor={-BigInt(amount)} /> : null}
      {visible.includes(to) ? <BalanceAfter accountId={to} deltaMinor={BigInt(amount)} /> : null}
      {children}
      {wouldWait ? (
        <div className="mt-5">
          <WaitingNotice waiting={wouldWait} />
        </div>
      ) : null}
      <div className="mt-6 flex flex-col-reverse gap-2 sm:flex-row sm:justify-end">
        <Button look="secondary" onClick={onChange}>
          Change
        </Button>
        <Button busy={busy} onClick={onConfirm}>
          {confirm}
        </Button>
      </div>
    </Card>
  )
}

type BalanceAfterProps = { readonly accountId: string; readonly deltaMinor: bigint }

/** Before and after by the live balance; the space is kept until the balance is known. */
function BalanceAfter({ accountId, deltaMinor }: BalanceAfterProps) {
  const { client } = useServices()
  const { data } = useQuery(accountQuery(client, accountId))
  const account = data?.value
  return (
    <div className="mt-3 min-h-[4.75rem] rounded-xl bg-sunken px-4 py-3">
      <p className="truncate text-sm text-ink-soft">{account?.name ?? accountId}</p>
      {account ? (
        <p className="mt-1 flex flex-wrap items-baseline gap-x-2 text-lg font-semibold">
          <span className="sr-only">Balance now</span>
          <Money minor={account.balance} currency={account.currency} className="font-normal text-ink-soft" />
          <span aria-hidden="true" className="text-ink-faint">
            →
          </span>
          <span className="sr-only">, new balance</span>
          <span data-testid="new-balance">
            <Money minor={(BigInt(account.balance) + deltaMinor).toString()} currency={account.currency} />
          </span>
        </p>
      ) : null}
    </div>
  )
}
