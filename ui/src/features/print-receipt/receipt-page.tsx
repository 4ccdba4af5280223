import type { Payment, PaymentWithRefunds } from '@micropay/schemas/api/payment'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { Button, LinkButton } from '../../components/button.tsx'
import { Card, Facts } from '../../components/card.tsx'
import { QueryFailed } from '../../components/failure/query-failed.tsx'
import { Instant } from '../../components/instant.tsx'
import { Money } from '../../components/money.tsx'
import { Notice } from '../../components/notice.tsx'
import { Page } from '../../components/page.tsx'
import { SkeletonRows } from '../../components/skeleton.tsx'
import { paymentQuery } from '../../data/payments/get-payment.ts'
import { refundedOf, refundWords } from '../../data/payments/refunded.ts'
import { movedBy } from '../../money/totals.ts'
import { useServices } from '../../services/app-context.ts'

const route = getRouteApi('/payments/$paymentId/receipt')

/**
 * A payment on one sheet of paper: what was paid, by whom, to whom, and where the ledger has it. Only what was posted
 * has one.
 */
export function ReceiptPage() {
  const { paymentId } = route.useParams()
  const { client } = useServices()
  const query = useQuery(paymentQuery(client, paymentId))
  const payment = query.data?.value
  const posted = payment?.status === 'posted'
  return (
    <Page
      heading="Receipt"
      narrow
      freshness={query.data?.freshness}
      actions={
        posted ? (
          <>
            <LinkButton to="/payments/$paymentId" params={{ paymentId }} look="secondary">
              Back
            </LinkButton>
            <Button onClick={() => window.print()}>Print</Button>
          </>
        ) : null
      }
    >
      {query.error && !payment ? <QueryFailed error={query.error} onRetry={query.refetch} noun="payment" /> : null}
      {query.isPending ? (
        <Card>
          <SkeletonRows label="Loading the payment" />
        </Card>
      ) : null}
      {payment && !posted ? (
        <Notice tone="warn" title="There is no receipt">
          The ledger refused this payment: no money moved.
        </Notice>
      ) : null}
      {payment && posted ? <Receipt payment={payment} /> : null}
    </Page>
  )
}

function Receipt({ payment }: { readonly payment: PaymentWithRefunds }) {
  return (
    <Card className="p-6 print:p-0">
      {payment.reverses ? (
        <p className="mb-2 font-semibold">
          {refundWords({ reference: payment.reference, reverses: payment.reverses.paymentId })}
        </p>
      ) : null}
      <p className="text-3xl font-bold tracking-tight">
        {movedBy(payment.legs).map(({ currency, minor }) => (
          <span key={currency} className="block">
            <Money minor={minor} currency={currency} room={28} />
          </span>
        ))}
      </p>
      <div className="mt-4">
        <Facts
          facts={[
            ...(payment.postings ? factsOfPostings(payment.postings) : factsOfLegs(payment.legs)),
            ['Reference', payment.reference ?? '–'],
            [payment.reverses ? 'Reason' : 'Description', payment.description ?? '–'],
            ...(payment.reverses ? [['Refund of', payment.reverses.paymentId] as const] : []),
            ...refundedOf(payment).map(
              ({ currency, refundedMinor }) =>
                [
                  `Refunded since, ${currency}`,
                  <Money key={currency} minor={refundedMinor} currency={currency} />,
                ] as const,
            ),
            ['Value date', <Instant key="effective" at={payment.effectiveAt} show="day" />],
            ['Posted', <Instant key="decided" at={payment.decidedAt} />],
            ['Payment', payment.paymentId],
            ['Position in the ledger', payment.position],
          ]}
        />
      </div>
    </Card>
  )
}

function factsOfPostings(postings: NonNullable<Payment['postings']>): [name: string, value: ReactNode][] {
  return postings.flatMap(({ from, fromName, to, toName, amount, currency }, index) => [
    [numbered('From', index, postings), <Party key="from" name={fromName} accountId={from} />],
    [numbered('To', index, postings), <Party key="to" name={toName} accountId={to} />],
    [numbered('Amount', index, postings), <Money key="amount" minor={amount} currency={currency} />],
  ])
}

function factsOfLegs(legs: Payment['legs']): [name: string, value: ReactNode][] {
  return legs.flatMap(({ account, name, amount, currency }, index) => [
    [numbered('Account', index, legs), <Party key="account" name={name} accountId={account} />],
    [numbered('Amount', index, legs), <Money key="amount" minor={amount} currency={currency} signed />],
  ])
}

function numbered(name: string, index: number, { length }: readonly unknown[]): string {
  return length > 1 ? `${name} (${index + 1} of ${length})` : name
}

function Party({ name, accountId }: { readonly name: string | null; readonly accountId: string }) {
  return name ? (
    <>
      {name} <span className="block text-sm font-normal break-all text-ink-soft">{accountId}</span>
    </>
  ) : (
    accountId
  )
}
