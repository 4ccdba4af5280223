import type { Account } from '@micropay/schemas/api/account'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import { problemOfError } from '../../../api/problem.ts'
import { LinkButton } from '../../../components/button.tsx'
import { Card } from '../../../components/card.tsx'
import { EmptyState } from '../../../components/empty-state.tsx'
import { QueryFailed } from '../../../components/failure/query-failed.tsx'
import { Money } from '../../../components/money.tsx'
import { Page } from '../../../components/page.tsx'
import { SavePayee } from '../../../components/save-payee.tsx'
import { SkeletonRows } from '../../../components/skeleton.tsx'
import { accountsQuery } from '../../../data/accounts/list-accounts.ts'
import { entriesQuery } from '../../../data/accounts/list-entries.ts'
import { payeesQuery } from '../../../data/payees/payees.ts'
import { postingIn } from '../../../data/payments/make-payment.ts'
import { useServices, useSession } from '../../../services/app-context.ts'
import type { PaymentDraft } from '../payment-draft.ts'
import { PaymentForm } from '../payment-form.tsx'
import { PaymentOutcome } from '../payment-outcome.tsx'
import { isTaken, usePaymentFlow } from '../use-payment-flow.ts'
import { receiverOf, receiversFrom } from './receivers.ts'
import { SendReview } from './send-review.tsx'
import { useTwinGuard } from './use-twin-guard.ts'

const route = getRouteApi('/send')

/** A customer pays from an account of their own: fill in, check, confirm, and see what became of it. */
export function SendMoneyPage() {
  const { client } = useServices()
  const { subject } = useSession()
  const query = useInfiniteQuery(accountsQuery(client, { owner: subject, status: 'open' }))
  const accounts = query.data?.pages.flatMap((page) => page.value.items)
  return (
    <Page
      narrow
      freshness={query.data?.pages[0]?.freshness}
      actions={
        <LinkButton to="/payees" look="quiet" className="-mr-4">
          Saved payees
        </LinkButton>
      }
    >
      {query.error && !query.data ? (
        <QueryFailed error={query.error} onRetry={query.refetch} noun="account list" />
      ) : null}
      {query.isPending ? (
        <Card>
          <SkeletonRows label="Loading accounts" rows={6} />
        </Card>
      ) : null}
      {accounts?.length === 0 ? (
        <EmptyState title="No account to pay from">
          You have no open account. An operator can open one or lift a freeze.
        </EmptyState>
      ) : null}
      {accounts && accounts.length > 0 ? <SendMoney accounts={accounts} /> : null}
    </Page>
  )
}

function SendMoney({ accounts }: { readonly accounts: readonly Account[] }) {
  const { client } = useServices()
  const prefilled = route.useSearch()
  const [draft, setDraft] = useState<PaymentDraft>({
    from: accounts.some((account) => account.accountId === prefilled.from)
      ? (prefilled.from ?? '')
      : (accounts[0]?.accountId ?? ''),
    to: prefilled.to ?? '',
    amount: '',
    reference: '',
    description: '',
  })
  const flow = usePaymentFlow()
  const payer = accounts.find((account) => account.accountId === draft.from)
  const history = useInfiniteQuery({ ...entriesQuery(client, draft.from), enabled: draft.from !== '' })
  const payees = useQuery(payeesQuery(client)).data?.value.items ?? []
  const guard = useTwinGuard(flow.submit)
  const entries = history.data?.pages.flatMap((page) => page.value.items) ?? []

  const choices = receiversFrom(entries, accounts, payer, payees)
  const nameOf = (accountId: string) => [...choices, ...accounts].find((choice) => choice.accountId === accountId)?.name
  if (flow.state) {
    const { kind, intent } = flow.state
    const paid = postingIn(intent.request)?.to
    const goBack = () => {
      if (isTaken(kind)) setDraft({ ...draft, to: '', amount: '', reference: '', description: '' })
      guard.withdraw()
      flow.change()
    }
    return (
      <PaymentOutcome state={flow.state} onRetry={() => flow.submit(intent)} onChange={goBack} nameOf={nameOf}>
        {paid !== undefined && !accounts.some(({ accountId }) => accountId === paid) ? (
          <SavePayee accountId={paid} />
        ) : null}
      </PaymentOutcome>
    )
  }
  if (flow.reviewed) {
    const goBack = () => {
      guard.withdraw()
      flow.change()
    }
    return (
      <SendReview
        reviewed={flow.reviewed}
        guard={guard}
        nameOf={nameOf}
        ownAccounts={accounts.map((account) => account.accountId)}
        onSubmit={flow.submit}
        onChange={goBack}
      />
    )
  }
  return (
    <PaymentForm
      draft={draft}
      onChange={(next) => {
        setDraft(next)
        if (flow.preview.error) flow.preview.reset()
      }}
      currency={payer?.currency}
      amountHint={
        payer?.available ? (
          <>
            Available <Money minor={payer.available} currency={payer.currency} />
          </>
        ) : null
      }
      from={{ kind: 'chosen', label: 'From', accounts }}
      to={{
        kind: 'typed',
        label: 'To',
        choices,
        resolve: (typed) => receiverOf(typed, choices, payees),
        placeholder: 'Name or account id',
        hint: 'Somebody you have saved or paid before, by name, or any account by its id.',
      }}
      busy={flow.preview.isPending}
      problem={flow.preview.error ? problemOfError(flow.preview.error) : undefined}
      onReady={(request) => flow.preview.mutate(request)}
    />
  )
}
