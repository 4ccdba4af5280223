import type { Payment } from '@micropay/schemas/api/payment'
import { ConfirmDialog } from '../../../components/confirm-dialog.tsx'
import { Instant } from '../../../components/instant.tsx'
import { Money } from '../../../components/money.tsx'

type TwinDialogProps = {
  readonly twin: Payment | undefined
  readonly onClose: () => void
  readonly onConfirm: () => void
}

/** Asks once before the same amount goes to the same account again within a day. */
export function TwinDialog({ twin, onClose, onConfirm }: TwinDialogProps) {
  const posting = twin?.postings?.[0]
  const receiver = posting?.toName ?? posting?.to
  return (
    <ConfirmDialog
      open={twin !== undefined}
      onOpenChange={(open) => (open ? undefined : onClose())}
      title="Send it a second time?"
      effect={
        twin && posting ? (
          <>
            You sent <Money minor={posting.amount} currency={posting.currency} /> to {receiver} on{' '}
            <Instant at={twin.decidedAt} /> already ({twin.paymentId}). Sending it again moves the money again.
          </>
        ) : null
      }
      confirm="Send it again"
      onConfirm={onConfirm}
    />
  )
}
