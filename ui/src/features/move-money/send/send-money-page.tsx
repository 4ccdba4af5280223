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
import { HolderField } from '../../../components/name-told.tsx'
import { Notice } from '../../../components/notice.tsx'
import { Page } from '../../../components/page.tsx'
import { SavePaid } from '../../../components/save-payee.tsx'
import { SkeletonRows } from '../../../components/skeleton.tsx'
import { accountQuery } from '../../../data/accounts/get-account.ts'
import { accountsQuery } from '../../../data/accounts/list-accounts.ts'
import { entriesQuery } from '../../../data/accounts/list-entries.ts'
import { payeesQuery } from '../../../data/payees/payees.ts'
import { postingIn } from '../../../data/payments/make-payment.ts'
import { useServices, useSession } from '../../../services/app-context.ts'
import { useNameCheck } from '../../../services/use-name-check.ts'
import { nothingFilledIn } from '../payment-draft.ts'
import { PaymentForm } from '../payment-form.tsx'
import { PaymentOutcome } from '../payment-outcome.tsx'
import { isTaken, usePaymentFlow } from '../use-payment-flow.ts'
import { firstDraft, whyNotFrom } from './first-draft.ts'
import { receiverOf, receiversFrom } from './receivers.ts'
import { holderQuestion, SendReview } from './send-review.tsx'
import { useTwinGuard } from './use-twin-guard.ts'

const route = getRouteApi('/send')

/** A customer pays from an account of their own: fill in, check, confirm, and see what became of it. */
export function SendMoneyPage() {
  const { client } = useServices()
  const { subject } = useSession()
  const { from } = route.useSearch()
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
      {accounts && from !== undefined && !accounts.some(({ accountId }) => accountId === from) ? (
        <NotFrom accountId={from} />
      ) : null}
      {accounts && accounts.length > 0 ? <SendMoney accounts={accounts} /> : null}
    </Page>
  )
}

function SendMoney({ accounts }: { readonly accounts: readonly Account[] }) {
  const prefilled = route.useSearch()
  const [draft, setDraft] = useState(() => firstDraft(accounts, prefilled))
  const [holder, setHolder] = useState('')
  const flow = usePaymentFlow()
  const names = useNameCheck()
  const { payer, choices, payees } = useReceivers(draft.from, accounts)
  const guard = useTwinGuard(flow.submit)
  const nameOf = (accountId: string) => [...choices, ...accounts].find((choice) => choice.accountId === accountId)?.name
  const goBack = () => {
    if (flow.state && isTaken(flow.state.kind)) {
      setDraft({ from: draft.from, to: '', ...nothingFilledIn })
      setHolder('')
    }
    guard.withdraw()
    flow.change()
  }
  if (flow.state) {
    const { intent } = flow.state
    const paid = postingIn(intent.request)?.to ?? ''
    return (
      <PaymentOutcome
        {...{ state: flow.state, nameOf }}
        onRetry={() => flow.submit(intent)}
        onChange={goBack}
        onConfirm={(details) => flow.confirm(intent, details)}
      >
        {accounts.some(({ accountId }) => accountId === paid) ? null : <SavePaid accountId={paid} />}
      </PaymentOutcome>
    )
  }
  if (flow.reviewed) {
    return (
      <SendReview
        {...{ guard, names, holder, nameOf }}
        reviewed={flow.reviewed}
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
      amountHint={payer ? <Available account={payer} /> : null}
      from={{ kind: 'chosen', label: 'From', accounts }}
      to={{
        kind: 'typed',
        label: 'To',
        choices,
        resolve: (typed) => receiverOf(typed, choices, payees),
        placeholder: 'Name or account id',
        hint: 'Somebody you have saved or paid before, by name, or any account by its id.',
      }}
      belowTo={<HolderField value={holder} onChange={setHolder} />}
      busy={flow.preview.isPending}
      problem={flow.preview.error ? problemOfError(flow.preview.error) : undefined}
      onReady={(request) => {
        names.ask(holderQuestion(request, holder))
        flow.preview.mutate(request)
      }}
    />
  )
}

/** Said where the address names an account that is not among those that can pay. */
function NotFrom({ accountId }: { readonly accountId: string }) {
  const { client } = useServices()
  const { subject } = useSession()
  const query = useQuery({ ...accountQuery(client, accountId), retry: false })
  if (query.isPending) return null
  const account = query.data?.value
  const isUnknown = query.error !== null && problemOfError(query.error).status !== 404
  const why = isUnknown ? 'It could not be looked at now.' : whyNotFrom(account, subject)
  if (why === undefined) return null
  return (
    <div className="mb-5">
      <Notice tone="warn" title={`${account?.name ?? accountId} cannot pay`}>
        {why} Choose another account below, if you want to pay from that one.
      </Notice>
    </div>
  )
}

/** The account that pays, and whom it is likely to pay. */
function useReceivers(from: string, accounts: readonly Account[]) {
  const { client } = useServices()
  const payer = accounts.find((account) => account.accountId === from)
  const history = useInfiniteQuery({ ...entriesQuery(client, from), enabled: from !== '' })
  const payees = useQuery(payeesQuery(client)).data?.value.items ?? []
  const entries = history.data?.pages.flatMap((page) => page.value.items) ?? []
  return { payer, payees, choices: receiversFrom(entries, accounts, payer, payees) }
}

function Available({ account: { available, currency } }: { readonly account: Account }) {
  if (!available) return null
  return (
    <>
      Available <Money minor={available} currency={currency} />
    </>
  )
}
