import type { Intent } from '../../../api/idempotent-intent.ts'
import type { PaymentRequest } from '../../../data/payments/make-payment.ts'
import { PaymentReview } from '../payment-review.tsx'
import type { Reviewed } from '../use-payment-flow.ts'
import { TwinDialog } from './twin-dialog.tsx'
import type { useTwinGuard } from './use-twin-guard.ts'

type SendReviewProps = {
  readonly reviewed: Reviewed
  readonly guard: ReturnType<typeof useTwinGuard>
  readonly nameOf: (accountId: string) => string | null | undefined
  readonly ownAccounts: readonly string[]
  readonly onSubmit: (intent: Intent<PaymentRequest>) => void
  readonly onChange: () => void
}

/** What is about to be sent, and the question whether to send it again when it was sent already. */
export function SendReview({ reviewed, guard, nameOf, ownAccounts, onSubmit, onChange }: SendReviewProps) {
  return (
    <>
      <PaymentReview
        request={reviewed.request}
        confirm="Send money"
        nameOf={nameOf}
        busy={guard.busy}
        visible={ownAccounts}
        wouldWait={reviewed.wouldWait}
        onConfirm={() => guard.confirm(reviewed)}
        onChange={onChange}
      />
      <TwinDialog
        twin={guard.twin}
        onClose={guard.forgetTwin}
        onConfirm={() => {
          guard.forgetTwin()
          onSubmit(reviewed)
        }}
      />
    </>
  )
}
