import type { Payment } from '@micropay/schemas/api/payment'
import type { ReactNode } from 'react'
import { CheckIcon, ClockIcon, CrossIcon } from '../../components/icons.tsx'
import { Instant } from '../../components/instant.tsx'

/** What happened to a payment, oldest first. */
export function Timeline({ payment }: { readonly payment: Payment }) {
  const { status, deadline } = payment
  const posted = status === 'posted'
  return (
    <ol className="space-y-5">
      <Step title="Submitted" good>
        {payment.actor === undefined ? 'By the other side or by staff' : `By ${payment.actor}`}
      </Step>
      {payment.approvedBy === undefined ? null : (
        <Step title={status === 'rejected' ? 'Approved in vain' : 'Approved'} good={status !== 'rejected'}>
          By {payment.approvedBy}
        </Step>
      )}
      {deadline === undefined ? (
        <Step title={posted ? 'Posted' : 'Refused'} good={posted}>
          <Instant at={payment.decidedAt} />, at position {payment.position}
        </Step>
      ) : (
        <>
          <Step title="Begun" good>
            <Instant at={payment.decidedAt} />, at position {payment.position}
          </Step>
          <Step title="Under way" good={undefined}>
            Decided by <Instant at={deadline} />
          </Step>
        </>
      )}
      {posted ? (
        <Step title="Value date" good>
          <Instant at={payment.effectiveAt} />
        </Step>
      ) : null}
    </ol>
  )
}

const marks = {
  good: [CheckIcon, 'bg-good-wash text-good'],
  bad: [CrossIcon, 'bg-bad-wash text-bad'],
  open: [ClockIcon, 'bg-warn-wash text-warn'],
} as const

type StepProps = {
  readonly title: string /** Undefined while nobody knows. */
  readonly good: boolean | undefined
  readonly children: ReactNode
}

function Step({ title, good, children }: StepProps) {
  const [MarkIcon, look] = good === undefined ? marks.open : good ? marks.good : marks.bad
  return (
    <li className="flex gap-3">
      <MarkIcon className={`size-8 rounded-full p-2 ${look}`} />
      <div className="min-w-0">
        <p className="font-semibold">{title}</p>
        <p className="text-sm text-ink-soft">{children}</p>
      </div>
    </li>
  )
}
