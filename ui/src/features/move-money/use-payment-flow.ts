import type { PaymentDetail } from '@micropay/schemas/api/confirmation'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useEffect, useEffectEvent, useRef, useState } from 'react'
import type { Decided } from '../../api/client.ts'
import { answered, type Intent, type IntentState, submitted, unanswered } from '../../api/idempotent-intent.ts'
import { unreachable } from '../../api/problem.ts'
import { confirmUrl } from '../../api/session.ts'
import { type Waiting, waitingIn } from '../../api/waiting.ts'
import { makePayment, type PaymentRequest, previewPayment } from '../../data/payments/make-payment.ts'
import type { PaymentAnswer } from '../../data/payments/payment-answer.ts'
import { useServices, useSession } from '../../services/app-context.ts'
import { confirmedOf, keepUnsettled, unsettledOf } from '../../services/unsettled-payment.ts'

export type PaymentState = IntentState<PaymentRequest, Decided<PaymentAnswer>>

/** Whether the ledger took it, if only to let it wait: what comes next is another payment. */
export function isTaken(kind: PaymentState['kind']): boolean {
  return kind === 'done' || kind === 'waiting'
}

/** What was previewed, and whether it would wait for a second person. */
export type Reviewed = Intent<PaymentRequest> & { readonly wouldWait: Waiting | undefined }

/**
 * The way of one payment: filled in, previewed by the ledger, submitted once, and settled one way or the other. The key
 * is made with the preview, so that whatever is reviewed is paid once, however often and fast it is confirmed.
 */
export function usePaymentFlow() {
  const { client, clock } = useServices()
  const { subject } = useSession()
  const cache = useQueryClient()
  const [confirmed] = useState(() => confirmedOf(sessionStorage, subject))
  const [state, setState] = useState<PaymentState | undefined>(() =>
    confirmed ? submitted(confirmed) : leftUnsettled(unsettledOf(sessionStorage, subject)),
  )
  const [reviewed, setReviewed] = useState<Reviewed>()
  const sending = useRef<string>(undefined)

  const preview = useMutation({
    mutationFn: (request: PaymentRequest) =>
      previewPayment(client, request, `preview-${clock.newKey()}`).then(() => undefined, waitingOrThrow),
    // The first answer of two clicks is what is reviewed.
    onSuccess: (wouldWait, request) =>
      setReviewed((reviewed) => reviewed ?? { key: clock.newKey(), request, wouldWait }),
  })
  const submission = useMutation({
    mutationFn: (intent: Intent<PaymentRequest>) => makePayment(client, intent.request, intent.key),
    onSuccess: (answer, intent) => setState(answered(intent, answer)),
    onError: (error, intent) => setState((before) => unanswered(intent, error, before)),
    onSettled: (_, error, intent) => {
      sending.current = undefined
      const next = error ? unanswered(intent, error, state) : undefined
      keepUnsettled(sessionStorage, subject, next?.kind === 'unsettled' ? intent : undefined)
      void cache.invalidateQueries({
        predicate: ({ queryKey }) => queryKey[0] !== 'session' && queryKey[0] !== 'projections',
      })
    },
  })
  const submit = (intent: Intent<PaymentRequest>) => {
    // A second click may come before the first is drawn.
    if (sending.current === intent.key) return
    sending.current = intent.key
    keepUnsettled(sessionStorage, subject, intent)
    setState((before) => submitted(intent, before))
    submission.mutate(intent)
  }
  // Whoever has confirmed it has said twice that they want it. Where they did not, it is told so again.
  const goOn = useEffectEvent(() => confirmed && submit(confirmed))
  useEffect(() => void goOn(), [])
  return {
    preview,
    reviewed,
    state,
    submit,
    /** Leaves for where its person confirms it; the payment goes on when they are back. */
    confirm: (intent: Intent<PaymentRequest>, details: readonly PaymentDetail[]) => {
      keepUnsettled(sessionStorage, subject, intent, true)
      location.assign(confirmUrl(details, `${location.pathname}${location.search}`))
    },
    /** Back to the form, with what was filled in. */
    change: () => {
      setReviewed(undefined)
      setState(undefined)
      preview.reset()
    },
  }
}

/** A payment that would wait for a second person can be confirmed, too. */
function waitingOrThrow(error: unknown): Waiting {
  const waiting = waitingIn(error)
  if (!waiting) throw error
  return waiting
}

function leftUnsettled(intent: Intent<PaymentRequest> | undefined): PaymentState | undefined {
  if (!intent) return undefined
  const { problem } = unreachable()
  const detail =
    'The page was left before the answer came. Check again: it uses the same key, so nothing happens twice.'
  return { kind: 'unsettled', intent, problem: { ...problem, title: 'No answer yet', detail } }
}
