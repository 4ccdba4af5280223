import type { PaymentDetail } from '@micropay/schemas/api/confirmation'
import type { ReactNode } from 'react'
import { Notice } from './notice.tsx'

type ToConfirmProps = { readonly details: readonly PaymentDetail[]; readonly action: ReactNode }

/** What a payment waits for that its payer has to confirm where they sign in, and what they will see there. */
export function ToConfirm({ details, action }: ToConfirmProps) {
  return (
    <Notice tone="warn" title="It takes one more step from you" action={action}>
      <p>
        Payments like this are made only once you have confirmed them where you sign in. That page shows what you see
        here, and asks you to prove once more that it is you:
      </p>
      <ul className="mt-2 space-y-1">
        {details.map(({ payee, amount, currency }) => (
          <li key={`${payee} ${currency}`}>
            <span className="font-semibold whitespace-nowrap">
              {amount} {currency}
            </span>{' '}
            to <span className="break-all">{payee}</span>
          </li>
        ))}
      </ul>
    </Notice>
  )
}
