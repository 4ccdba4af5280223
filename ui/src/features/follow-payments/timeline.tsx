import type { Payment } from '@micropay/schemas/api/payment'
import type { ReactNode } from 'react'
import { CheckIcon, CrossIcon } from '../../components/icons.tsx'
import { Instant } from '../../components/instant.tsx'

/** What happened to a payment, oldest first. */
export function Timeline({ payment }: { readonly payment: Payment }) {
  const posted = payment.status === 'posted'
  return (
    <ol className="space-y-5">
      <Step title="Submitted" good>
        {payment.actor === undefined ? 'By the other side or by staff' : `By ${payment.actor}`}
      </Step>
      {payment.approvedBy === undefined ? null : (
        <Step title={posted ? 'Approved' : 'Approved in vain'} good={posted}>
          By {payment.approvedBy}
        </Step>
      )}
      <Step title={posted ? 'Posted' : 'Refused'} good={posted}>
        <Instant at={payment.decidedAt} />, at position {payment.position}
      </Step>
      {posted ? (
        <Step title="Value date" good>
          <Instant at={payment.effectiveAt} />
        </Step>
      ) : null}
    </ol>
  )
}

type StepProps = { readonly title: string; readonly good: boolean; readonly children: ReactNode }

function Step({ title, good, children }: StepProps) {
  const MarkIcon = good ? CheckIcon : CrossIcon
  return (
    <li className="flex gap-3">
      <MarkIcon className={`size-8 rounded-full p-2 ${good ? 'bg-good-wash text-good' : 'bg-bad-wash text-bad'}`} />
      <div className="min-w-0">
        <p className="font-semibold">{title}</p>
        <p className="text-sm text-ink-soft">{children}</p>
      </div>
    </li>
  )
}
