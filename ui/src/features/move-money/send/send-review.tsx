import type { Intent } from '../../../api/idempotent-intent.ts'
import { NameTold } from '../../../components/name-told.tsx'
import type { NameQuestion } from '../../../data/payees/payees.ts'
import { type PaymentRequest, postingIn } from '../../../data/payments/make-payment.ts'
import type { useNameCheck } from '../../../services/use-name-check.ts'
import { PaymentReview } from '../payment-review.tsx'
import type { Reviewed } from '../use-payment-flow.ts'
import { TwinDialog } from './twin-dialog.tsx'
import type { useTwinGuard } from './use-twin-guard.ts'

type SendReviewProps = {
  readonly reviewed: Reviewed
  readonly guard: ReturnType<typeof useTwinGuard>
  readonly names: ReturnType<typeof useNameCheck>
  /** Whom one believes to hold the account, where one has said so. */
  readonly holder: string
  readonly nameOf: (accountId: string) => string | null | undefined
  readonly ownAccounts: readonly string[]
  readonly onSubmit: (intent: Intent<PaymentRequest>) => void
  readonly onChange: () => void
}

/** What is about to be sent and to whom, and the question whether to send it again when it was sent already. */
export function SendReview(props: SendReviewProps) {
  const { reviewed, guard, names, holder, nameOf, ownAccounts, onSubmit, onChange } = props
  const question = holderQuestion(reviewed.request, holder)
  const check = names.of(question)
  const isAnother = check?.kind === 'told' && check.told.outcome === 'none'
  return (
    <>
      <PaymentReview
        request={reviewed.request}
        confirm={isAnother ? 'Send money anyway' : 'Send money'}
        nameOf={nameOf}
        busy={guard.busy || names.isPending}
        visible={ownAccounts}
        wouldWait={reviewed.wouldWait}
        onConfirm={() => guard.confirm(reviewed)}
        onChange={onChange}
      >
        {question.name === '' ? null : (
          <div className="mt-5 min-h-20">
            <NameTold check={check} onRetry={() => names.ask(question)} />
          </div>
        )}
      </PaymentReview>
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

/** Without a name nothing is asked. */
export function holderQuestion(request: PaymentRequest, holder: string): NameQuestion {
  return { accountId: postingIn(request)?.to ?? '', name: holder.trim() }
}
