import { useQuery } from '@tanstack/react-query'
import { paymentQuery } from '../../data/payments/get-payment.ts'
import { useServices } from '../../services/app-context.ts'
import type { PaymentState } from './use-payment-flow.ts'

/** The state of a payment that was answered as under way, as it stands since: it is asked for until it is decided. */
export function useDecided(state: PaymentState): PaymentState {
  const { client } = useServices()
  const answer = state.kind === 'done' ? state.answer : undefined
  const begun = answer?.value.status === 'pending' ? answer.value : undefined
  const paymentId = begun?.paymentId ?? ''
  const query = useQuery({ ...paymentQuery(client, paymentId), enabled: paymentId !== '' })
  const since = query.data?.value
  if (!answer || !begun || !since || since.status === 'pending') return state
  const { intent } = state
  if (since.rejection) {
    const { code, detail } = since.rejection
    return { kind: 'refused', intent, problem: { ...notPosted, code, detail } }
  }
  const { deadline: _, ...value } = begun
  const posted = { ...value, status: 'posted' as const, kind: since.kind ?? 'payment' }
  return { kind: 'done', intent, answer: { ...answer, value: posted } }
}

const notPosted = { type: 'about:blank', title: 'It did not come about, and no money moved', status: 422 }
