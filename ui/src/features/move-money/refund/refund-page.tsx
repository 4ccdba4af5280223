import type { PaymentWithRefunds } from '@micropay/schemas/api/payment'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import { problemOfError } from '../../../api/problem.ts'
import { LinkButton } from '../../../components/button.tsx'
import { Card } from '../../../components/card.tsx'
import { EmptyState } from '../../../components/empty-state.tsx'
import { QueryFailed } from '../../../components/failure/query-failed.tsx'
import { Page } from '../../../components/page.tsx'
import { SkeletonRows } from '../../../components/skeleton.tsx'
import { useToast } from '../../../components/toasts.tsx'
import { canGiveBack } from '../../../data/payments/can-give-back.ts'
import { paymentQuery } from '../../../data/payments/get-payment.ts'
import { partiesOf } from '../../../data/payments/parties.ts'
import { previewRefund, type RefundRequest, refundPayment } from '../../../data/payments/refund-payment.ts'
import { useServices } from '../../../services/app-context.ts'
import { useIntent } from '../../../services/use-intent.ts'
import { useValueDate } from '../use-value-date.tsx'
import { nothingYet } from './refund-draft.ts'
import { RefundForm } from './refund-form.tsx'
import { RefundReview } from './refund-review.tsx'
import { RefundWaits } from './refund-waits.tsx'

const route = getRouteApi('/payments/$paymentId/refund')

/** A payment is given back, whole or in part: fill in, check what the ledger says would happen, confirm. */
export function RefundPage() {
  const { paymentId } = route.useParams()
  const { client } = useServices()
  const query = useQuery(paymentQuery(client, paymentId))
  const payment = query.data?.value
  return (
    <Page
      narrow
      lead={payment ? `${partiesOf(payment.legs)}${payment.reference ? ` · ${payment.reference}` : ''}` : null}
      freshness={query.data?.freshness}
      actions={
        <LinkButton to="/payments/$paymentId" params={{ paymentId }} look="secondary">
          Back
        </LinkButton>
      }
    >
      {query.error && !payment ? <QueryFailed error={query.error} onRetry={query.refetch} noun="payment" /> : null}
      {query.isPending ? (
        <Card>
          <SkeletonRows label="Loading the payment" />
        </Card>
      ) : null}
      {payment && canGiveBack(payment) ? <Refund payment={payment} /> : null}
      {payment && payment.refundable.length > 0 && !canGiveBack(payment) ? (
        <EmptyState title="You paid this, so you cannot give it back">
          Only who was paid can, or staff for them. Ask whoever got the money, or an operator.
        </EmptyState>
      ) : null}
      {payment?.refundable.length === 0 ? (
        <EmptyState title="There is nothing to give back">
          {payment.reverses
            ? 'This is a refund itself: make the payment again instead.'
            : 'All of this payment was given back, or it never moved money of yours.'}
        </EmptyState>
      ) : null}
    </Page>
  )
}

function Refund({ payment }: { readonly payment: PaymentWithRefunds }) {
  const { client, clock } = useServices()
  const cache = useQueryClient()
  const toast = useToast()
  const navigate = route.useNavigate()
  const [draft, setDraft] = useState(nothingYet)
  const valueDate = useValueDate([])
  const preview = useMutation({
    mutationFn: (request: RefundRequest) => previewRefund(client, request, `preview-${clock.newKey()}`),
  })
  const refund = useIntent(
    (request: RefundRequest, key) => refundPayment(client, request, key),
    async ({ value: { paymentId } }) => {
      void cache.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'session' })
      toast('The money went back', paymentId ?? undefined)
      if (paymentId) await navigate({ to: '/payments/$paymentId', params: { paymentId } })
    },
  )
  const nameOf = (accountId: string) => payment.legs.find(({ account }) => account === accountId)?.name
  const problem = preview.error ? problemOfError(preview.error) : undefined
  const review = {
    failure: refund.failure,
    busy: refund.isPending,
    onConfirm: () => preview.variables && refund.submit(preview.variables),
    onChange: () => {
      preview.reset()
      refund.forget()
    },
  }
  if (preview.data) return <RefundReview preview={preview.data.value} nameOf={nameOf} {...review} />
  if (problem?.code === 'waits_for_approval' && preview.variables) {
    return <RefundWaits payment={payment} request={preview.variables} {...review} />
  }
  const forget = () => preview.error && preview.reset()
  return (
    <RefundForm
      payment={payment}
      draft={draft}
      onChange={(next) => {
        setDraft(next)
        forget()
      }}
      valueDate={valueDate.fieldWith(problem, forget)}
      busy={preview.isPending}
      problem={problem}
      onReady={(request) => preview.mutate(valueDate.countingOn(request))}
    />
  )
}
