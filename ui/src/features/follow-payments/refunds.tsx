import type { PaymentWithRefunds } from '@micropay/schemas/api/payment'
import { Link } from '@tanstack/react-router'
import { Card } from '../../components/card.tsx'
import { Instant } from '../../components/instant.tsx'
import { Money } from '../../components/money.tsx'
import { Notice } from '../../components/notice.tsx'
import { refundedOf } from '../../data/payments/refunded.ts'

/** Of a refund, which payment it gives back. */
export function RefundOf({ payment: { reverses, corrects, status } }: { readonly payment: PaymentWithRefunds }) {
  if (!reverses) return null
  const failed = status === 'rejected'
  return (
    <Notice tone={failed ? 'warn' : 'good'} title={failed ? 'This was to be a refund' : 'This is a refund'}>
      It {failed ? 'was to give' : 'gives'} back {reverses.whole ? 'all that was left' : 'a part'} of{' '}
      <PaymentLink paymentId={reverses.paymentId} />.
      {corrects ? ` That counts in the closed period ${corrects}, which stays as it is.` : null}
    </Notice>
  )
}

/** Of a payment, how much of it was given back, and by which refunds. */
export function Refunds({ payment }: { readonly payment: PaymentWithRefunds }) {
  const { refunds } = payment
  if (refunds.length === 0) return null
  return (
    <Card className="p-5 sm:p-6">
      <h2 className="text-lg font-bold">Refunds</h2>
      {refundedOf(payment).map(({ currency, refundedMinor, movedMinor }) => (
        <p key={currency} className="mt-1 text-ink-soft">
          Refunded <Money minor={refundedMinor} currency={currency} /> of{' '}
          <Money minor={movedMinor} currency={currency} />
        </p>
      ))}
      <ul className="mt-3 divide-y divide-line">
        {refunds.map(({ paymentId, amounts, decidedAt, whole }) => (
          <li key={paymentId} className="flex flex-wrap items-baseline justify-between gap-x-6 gap-y-1 py-3">
            <span>
              <PaymentLink paymentId={paymentId} />
              <span className="block text-sm text-ink-soft">
                {whole ? 'All that was left' : 'A part'}, <Instant at={decidedAt} />
              </span>
            </span>
            <span className="font-semibold">
              {amounts.map(({ amount, currency }) => (
                <span key={currency} className="block">
                  <Money minor={amount} currency={currency} />
                </span>
              ))}
            </span>
          </li>
        ))}
      </ul>
    </Card>
  )
}

function PaymentLink({ paymentId }: { readonly paymentId: string }) {
  return (
    <Link to="/payments/$paymentId" params={{ paymentId }} className="text-accent underline underline-offset-4">
      {paymentId}
    </Link>
  )
}
