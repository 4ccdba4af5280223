import type { Payment } from '@micropay/schemas/api/payment'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Button } from '../../components/button.tsx'
import { CommandProblem } from '../../components/command-problem.tsx'
import { ConfirmDialog } from '../../components/confirm-dialog.tsx'
import { Instant } from '../../components/instant.tsx'
import { Notice } from '../../components/notice.tsx'
import { useToast } from '../../components/toasts.tsx'
import { canCancel, cancelPayment } from '../../data/payments/cancel-payment.ts'
import { useServices, useSession } from '../../services/app-context.ts'
import { useIntent } from '../../services/use-intent.ts'

/** Since when a payment is under way, until when, and for those who may let it be the way to do so. */
export function PaymentUnderWay({ payment }: { readonly payment: Payment }) {
  const session = useSession()
  const { status, decidedAt, deadline } = payment
  if (status !== 'pending' || deadline === undefined) return null
  return (
    <Notice tone="warn" title="The payment is under way">
      <p>
        Since <Instant at={decidedAt} />. It is decided by <Instant at={deadline} />, or as soon as all parts of the
        ledger that it concerns are up again; what it takes is held until then. This page follows it.
      </p>
      {canCancel(payment, session) ? <CancelPayment paymentId={payment.paymentId} /> : null}
    </Notice>
  )
}

function CancelPayment({ paymentId }: { readonly paymentId: string }) {
  const { client } = useServices()
  const cache = useQueryClient()
  const toast = useToast()
  const [asking, setAsking] = useState(false)
  const { submit, failure, isPending } = useIntent(
    (id: string, key) => cancelPayment(client, id, key),
    ({ value }) => {
      setAsking(false)
      if (value.status === 'cancelled') toast('Cancelled', 'No money moves.')
      else toast('Asked to cancel it', 'It may have been posted before.')
      return cache.invalidateQueries({ queryKey: ['payments'] })
    },
  )
  return (
    <div className="mt-3">
      <Button look="secondary" onClick={() => setAsking(true)}>
        Cancel the payment
      </Button>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title="Cancel the payment?"
        effect="No money moves, unless it has been posted before. It can be made again."
        confirm="Cancel the payment"
        dismiss="Let it go on"
        danger
        busy={isPending}
        onConfirm={() => submit(paymentId)}
      >
        {failure ? <CommandProblem failure={failure} /> : null}
      </ConfirmDialog>
    </div>
  )
}
