import type { Account } from '@micropay/schemas/api/account'
import { useInfiniteQuery, useQueries } from '@tanstack/react-query'
import { useState } from 'react'
import { problemOfError } from '../../../api/problem.ts'
import { accountQuery } from '../../../data/accounts/get-account.ts'
import { accountsQuery } from '../../../data/accounts/list-accounts.ts'
import { legsIn } from '../../../data/payments/make-payment.ts'
import { useServices } from '../../../services/app-context.ts'
import { PaymentOutcome } from '../payment-outcome.tsx'
import { isTaken, usePaymentFlow } from '../use-payment-flow.ts'
import { useValueDate } from '../use-value-date.tsx'
import { emptyLeg, type JournalDraft, type Looked, readJournal } from './journal-draft.ts'
import { JournalForm } from './journal-form.tsx'
import { JournalReview } from './journal-review.tsx'

const nothingYet: JournalDraft = { legs: [emptyLeg(1), emptyLeg(2)], reference: '', description: '' }

/** The way of a journal entry, as of any payment: filled in, previewed by the ledger, reviewed, and booked once. */
export function Journal() {
  const { client } = useServices()
  const [draft, setDraft] = useState(nothingYet)
  const flow = usePaymentFlow()
  const { accountOf, look } = useAccountsOf(draft)
  const listed = useInfiniteQuery(accountsQuery(client, { status: 'open' }, 200))
  const known = listed.data?.pages[0]?.value.items ?? []
  const valueDate = useValueDate(draft.legs.map(({ account }) => accountOf(account)))
  const nameOf = (accountId: string) =>
    (accountOf(accountId) ?? known.find((account) => account.accountId === accountId))?.name
  if (flow.state) {
    const { kind, intent } = flow.state
    const goBack = () => {
      if (isTaken(kind)) {
        setDraft(nothingYet)
        valueDate.clear()
      }
      flow.change()
    }
    return <PaymentOutcome state={flow.state} onRetry={() => flow.submit(intent)} onChange={goBack} nameOf={nameOf} />
  }
  if (flow.reviewed) {
    const { reviewed } = flow
    return (
      <JournalReview
        legs={legsIn(reviewed.request)}
        texts={reviewed.request}
        valueDay={valueDate.day}
        wouldWait={reviewed.wouldWait}
        accountOf={accountOf}
        onConfirm={() => flow.submit(reviewed)}
        onChange={flow.change}
      />
    )
  }
  const problem = flow.preview.error ? problemOfError(flow.preview.error) : undefined
  const forget = () => flow.preview.error && flow.preview.reset()
  return (
    <JournalForm
      draft={draft}
      onChange={(next) => {
        setDraft(next)
        forget()
      }}
      read={readJournal(draft, look)}
      accountOf={accountOf}
      choices={known.map(({ accountId, name, owner }) => ({ accountId, name, note: owner }))}
      busy={flow.preview.isPending}
      problem={problem}
      valueDate={valueDate.fieldWith(problem, forget)}
      onReady={(request) => flow.preview.mutate(valueDate.countingOn(request))}
    />
  )
}

/** Every account that is typed so far, looked up once. */
function useAccountsOf({ legs }: JournalDraft) {
  const { client } = useServices()
  const typed = [...new Set(legs.map(({ account }) => account.trim()).filter(Boolean))]
  const queries = useQueries({
    queries: typed.map((accountId) => ({ ...accountQuery(client, accountId), retry: false })),
  })
  const found = new Map(typed.map((accountId, index) => [accountId, queries[index]]))
  const accountOf = (accountId: string): Account | undefined => found.get(accountId.trim())?.data?.value
  const look = (accountId: string): Looked =>
    accountOf(accountId) ?? (found.get(accountId)?.isPending ? 'looking' : 'unknown')
  return { accountOf, look }
}
