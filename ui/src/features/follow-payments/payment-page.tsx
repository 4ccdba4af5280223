import type { Payment, PaymentWithRefunds } from '@micropay/schemas/api/payment'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { allows } from '../../api/session.ts'
import { PaymentStatusBadge } from '../../components/badge.tsx'
import { LinkButton } from '../../components/button.tsx'
import { Card, Facts } from '../../components/card.tsx'
import { QueryFailed } from '../../components/failure/query-failed.tsx'
import { Instant } from '../../components/instant.tsx'
import { Money } from '../../components/money.tsx'
import { Notice } from '../../components/notice.tsx'
import { Page } from '../../components/page.tsx'
import { Skeleton, SkeletonRows } from '../../components/skeleton.tsx'
import { canGiveBack } from '../../data/payments/can-give-back.ts'
import { paymentQuery } from '../../data/payments/get-payment.ts'
import { movedBy } from '../../money/totals.ts'
import { useServices, useSession } from '../../services/app-context.ts'
import { Legs } from './legs.tsx'
import { PaymentUnderWay } from './payment-under-way.tsx'
import { Postings } from './postings.tsx'
import { RefundOf, Refunds } from './refunds.tsx'
import { Timeline } from './timeline.tsx'

const route = getRouteApi('/payments/$paymentId')

/** One payment: whether it happened, when, between whom, who asked for it, and where it stands in the ledger. */
export function PaymentPage() {
  const { paymentId } = route.useParams()
  const { client } = useServices()
  const query = useQuery(paymentQuery(client, paymentId))
  const payment = query.data?.value
  return (
    <Page
      lead={payment ? <PaymentLine payment={payment} /> : query.error ? null : <Skeleton className="h-12 w-64" />}
      freshness={query.data?.freshness}
      actions={payment ? <PaymentActions payment={payment} /> : null}
    >
      {query.error && !payment ? <QueryFailed error={query.error} onRetry={query.refetch} noun="payment" /> : null}
      {query.isPending ? (
        <Card>
          <SkeletonRows label="Loading the payment" />
        </Card>
      ) : null}
      {payment ? <PaymentBody payment={payment} /> : null}
    </Page>
  )
}

function PaymentActions({ payment }: { readonly payment: PaymentWithRefunds }) {
  const { paymentId, status, position } = payment
  const session = useSession()
  const mayPay = allows(session, 'payments:book') || allows(session, 'payments:make')
  const mayRefund = mayPay && canGiveBack(payment)
  return (
    <>
      {mayRefund ? (
        <LinkButton to="/payments/$paymentId/refund" params={{ paymentId }} look="secondary">
          Refund
        </LinkButton>
      ) : null}
      {status === 'posted' ? (
        <LinkButton to="/payments/$paymentId/receipt" params={{ paymentId }} look="secondary">
          Receipt
        </LinkButton>
      ) : null}
      {allows(session, 'audit:read') ? (
        <LinkButton to="/audit/records/$position" params={{ position }} look="secondary">
          Record in the log
        </LinkButton>
      ) : null}
    </>
  )
}

function PaymentLine({ payment }: { readonly payment: Payment }) {
  return (
    <span className="flex flex-wrap items-center gap-x-4 gap-y-2">
      {movedBy(payment.legs).map(({ currency, minor }) => (
        <span key={currency} className="text-3xl font-bold tracking-tight text-ink">
          <Money minor={minor} currency={currency} room={28} />
        </span>
      ))}
      <PaymentStatusBadge status={payment.status} />
    </span>
  )
}

const kinds = { payment: 'Payment', deposit: 'Deposit', withdrawal: 'Withdrawal', transfer: 'Transfer' } as const

/** The second person, for staff; a payment that was refused was none that anybody approved. */
function approvalOf({ approvedBy, status }: Payment) {
  if (approvedBy === undefined) return []
  return [[status === 'rejected' ? 'Was to be approved by' : 'Approved by', approvedBy] as const]
}

function PaymentBody({ payment }: { readonly payment: PaymentWithRefunds }) {
  const metadata = Object.entries(payment.metadata)
  return (
    <div className="space-y-6">
      {payment.rejection ? (
        <Notice tone="bad" title="The ledger refused this payment; no money moved">
          <p>{payment.rejection.detail}</p>
          {payment.rejection.cause ? <p>The cause, for staff alone: {payment.rejection.cause.detail}.</p> : null}
          <p className="mt-1 text-xs text-ink-soft">{payment.rejection.code}</p>
        </Notice>
      ) : null}
      <PaymentUnderWay payment={payment} />
      <RefundOf payment={payment} />
      <Refunds payment={payment} />
      <div className="grid gap-6 lg:grid-cols-2">
        <Card className="p-5 sm:p-6">
          <h2 className="mb-2 text-lg font-bold">Details</h2>
          <Facts
            facts={[
              ['Kind', payment.reverses ? 'Refund' : payment.kind ? kinds[payment.kind] : 'Not decided'],
              ['Reference', payment.reference ?? '–'],
              ['Description', payment.description ?? '–'],
              ['Value date', <Instant key="at" at={payment.effectiveAt} show="day" />],
              ...(payment.actor === undefined ? [] : [['Asked for by', payment.actor] as const]),
              ...approvalOf(payment),
              ['Position in the ledger', payment.position],
              ...metadata.map(([name, value]) => [name, value] as const),
            ]}
          />
        </Card>
        <Card className="p-5 sm:p-6">
          <h2 className="mb-4 text-lg font-bold">Timeline</h2>
          <Timeline payment={payment} />
        </Card>
      </div>
      {payment.postings ? <Postings postings={payment.postings} /> : <Legs legs={payment.legs} />}
    </div>
  )
}
