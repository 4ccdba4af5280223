import type { PaymentWithRefunds } from '@micropay/schemas/api/payment'
import type { FailedIntent } from '../../../api/idempotent-intent.ts'
import { Button } from '../../../components/button.tsx'
import { Card, Facts } from '../../../components/card.tsx'
import { CommandProblem } from '../../../components/command-problem.tsx'
import { focusOnMount } from '../../../components/focus-on-mount.ts'
import { Notice } from '../../../components/notice.tsx'
import type { RefundRequest } from '../../../data/payments/refund-payment.ts'
import { formatMoney } from '../../../money/format-money.ts'
import { movedBy } from '../../../money/totals.ts'

type RefundWaitsProps = {
  readonly payment: PaymentWithRefunds
  readonly request: RefundRequest
  readonly failure: FailedIntent<unknown> | undefined
  readonly busy: boolean
  readonly onConfirm: () => void
  readonly onChange: () => void
}

/** Where a refund needs a second person: nothing moves before somebody else has approved it. */
export function RefundWaits({ payment, request, failure, busy, onConfirm, onChange }: RefundWaitsProps) {
  const isAsked = failure?.kind === 'waiting'
  return (
    <Card className="space-y-5 p-5 sm:p-6">
      <h2 ref={focusOnMount} tabIndex={-1} className="text-lg font-bold">
        {isAsked ? 'Waits for a second person' : 'Check and confirm'}
      </h2>
      <Facts
        facts={[
          ['Give back', shareWords(payment, request)],
          ['Reason', request.reason],
        ]}
      />
      {failure ? (
        <CommandProblem failure={failure} />
      ) : (
        <Notice tone="warn" title="This needs a second person">
          Once you confirm, it waits until somebody else approves it. No money moves before.
        </Notice>
      )}
      {isAsked ? null : (
        <div className="flex flex-col-reverse gap-2 sm:flex-row sm:justify-end">
          <Button look="secondary" onClick={onChange}>
            Change
          </Button>
          <Button busy={busy} onClick={onConfirm}>
            Ask for the refund
          </Button>
        </div>
      )}
    </Card>
  )
}

function shareWords({ refundable }: PaymentWithRefunds, { amount, legs }: RefundRequest): string {
  if (amount !== undefined) return formatMoney(BigInt(amount), refundable[0]?.currency ?? '')
  const sums = movedBy(legs ?? refundable).map(({ currency, minor }) => formatMoney(BigInt(minor), currency))
  return legs ? sums.join(', ') : `All that is left: ${sums.join(', ')}`
}
