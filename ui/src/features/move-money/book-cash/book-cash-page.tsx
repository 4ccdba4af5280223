import type { Account } from '@micropay/schemas/api/account'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { problemOfError } from '../../../api/problem.ts'
import { LinkButton } from '../../../components/button.tsx'
import { Card } from '../../../components/card.tsx'
import { EmptyState } from '../../../components/empty-state.tsx'
import { QueryFailed } from '../../../components/failure/query-failed.tsx'
import { Page } from '../../../components/page.tsx'
import { SkeletonRows } from '../../../components/skeleton.tsx'
import { useExternalAccounts } from '../../../components/use-external-accounts.ts'
import { accountQuery } from '../../../data/accounts/get-account.ts'
import { accountsQuery } from '../../../data/accounts/list-accounts.ts'
import { useServices } from '../../../services/app-context.ts'
import { nothingFilledIn, type PaymentDraft } from '../payment-draft.ts'
import { PaymentForm, type Side } from '../payment-form.tsx'
import { PaymentOutcome } from '../payment-outcome.tsx'
import { PaymentReview } from '../payment-review.tsx'
import { isTaken, usePaymentFlow } from '../use-payment-flow.ts'
import { useValueDate } from '../use-value-date.tsx'

type Direction = 'deposit' | 'withdrawal'
const leads: Record<Direction, string> = {
  deposit: 'Book money that came in from outside onto a customer account.',
  withdrawal: 'Book money that a customer took out to the world outside.',
}
const confirms: Record<Direction, string> = { deposit: 'Book deposit', withdrawal: 'Book withdrawal' }

type BookCashProps = { readonly direction: Direction; readonly customerAccount: string }

/** An operator books a payment between an external account and a customer's. */
export function BookCashPage({ direction, customerAccount }: BookCashProps) {
  const { query: externals, accounts } = useExternalAccounts({ status: 'open' })
  return (
    <Page
      lead={leads[direction]}
      narrow
      freshness={externals.data?.pages[0]?.freshness}
      actions={
        <LinkButton to="/journal" look="quiet" className="-mr-4">
          Journal entry
        </LinkButton>
      }
    >
      {externals.error && !externals.data ? (
        <QueryFailed error={externals.error} onRetry={externals.refetch} noun="account list" />
      ) : null}
      {externals.isPending ? (
        <Card>
          <SkeletonRows label="Loading accounts" rows={6} />
        </Card>
      ) : null}
      {externals.data && accounts.length === 0 ? (
        <EmptyState
          title="No external account is open"
          action={<LinkButton to="/open-account">Open account</LinkButton>}
        >
          Deposits and withdrawals need an account that stands for the world outside, such as a bank or the cash desk.
        </EmptyState>
      ) : null}
      {accounts.length > 0 ? (
        <BookCash key={direction} direction={direction} customerAccount={customerAccount} />
      ) : null}
    </Page>
  )
}

function BookCash({ direction, customerAccount }: BookCashProps) {
  const { client } = useServices()
  const outwards = direction === 'withdrawal'
  const [draft, setDraft] = useState<PaymentDraft>({
    from: outwards ? customerAccount : '',
    to: outwards ? '' : customerAccount,
    ...nothingFilledIn,
  })
  const flow = usePaymentFlow()
  const customerId = (outwards ? draft.from : draft.to).trim()
  const externalId = outwards ? draft.to : draft.from
  const customer = useQuery({ ...accountQuery(client, customerId), enabled: customerId !== '', retry: false }).data
    ?.value
  const { accounts: externals } = useExternalAccounts({ status: 'open' })
  const chosen = externals.find((account) => account.accountId === externalId)
  const currency = chosen?.currency ?? customer?.currency
  const valueDate = useValueDate([chosen, customer])
  const customers = useInfiniteQuery(
    accountsQuery(client, { type: 'customer', status: 'open', ...(currency ? { currency } : {}) }, 200),
  )

  const nameOf = (accountId: string) =>
    (accountId === customerId ? customer : externals.find((account) => account.accountId === accountId))?.name
  if (flow.state) {
    const { kind, intent } = flow.state
    const goBack = () => {
      if (isTaken(kind)) {
        setDraft({ ...draft, ...nothingFilledIn })
        valueDate.clear()
      }
      flow.change()
    }
    return <PaymentOutcome state={flow.state} onRetry={() => flow.submit(intent)} onChange={goBack} nameOf={nameOf} />
  }
  if (flow.reviewed) {
    const { reviewed } = flow
    return (
      <PaymentReview
        request={reviewed.request}
        confirm={confirms[direction]}
        nameOf={nameOf}
        visible={[customerId]}
        wouldWait={reviewed.wouldWait}
        valueDay={valueDate.day}
        onConfirm={() => flow.submit(reviewed)}
        onChange={flow.change}
      />
    )
  }
  const { external, inside } = sidesOf(customer, externals, customers.data?.pages[0]?.value.items ?? [])
  const problem = flow.preview.error ? problemOfError(flow.preview.error) : undefined
  const forget = () => flow.preview.error && flow.preview.reset()
  return (
    <PaymentForm
      draft={draft}
      onChange={(next) => {
        setDraft(next)
        forget()
      }}
      currency={currency}
      valueDate={valueDate.fieldWith(problem, forget)}
      from={outwards ? inside : external}
      to={outwards ? external : inside}
      busy={flow.preview.isPending}
      problem={problem}
      onReady={(request) => flow.preview.mutate(valueDate.countingOn(request))}
    />
  )
}

/** The two ends of a booking; once the customer's account is known, only what holds its currency fits the other. */
function sidesOf(customer: Account | undefined, externals: readonly Account[], customers: readonly Account[]) {
  const external: Side = {
    kind: 'chosen',
    label: 'External account',
    accounts: customer ? externals.filter((account) => account.currency === customer.currency) : externals,
    hint: customer ? `External accounts that hold ${customer.currency}.` : 'Where the money comes from or goes to.',
  }
  const inside: Side = {
    kind: 'typed',
    label: 'Customer account',
    choices: customers.map(({ accountId, name, owner }) => ({ accountId, name, note: owner })),
    hint: customer
      ? `${customer.name ?? customer.accountId}, owner ${customer.owner}`
      : 'Type the id, or choose from the list.',
  }
  return { external, inside }
}
