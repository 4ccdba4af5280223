import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useRef } from 'react'
import {
  answered,
  type FailedIntent,
  type Intent,
  type IntentState,
  intentFor,
  submitted,
  unanswered,
} from '../api/idempotent-intent.ts'
import { approvalsKey } from '../data/approvals/approvals-search.ts'
import { useServices } from './app-context.ts'

/**
 * Sends what a person wants to happen once, however often the button is pressed: as long as it is not settled, the same
 * wish goes out with the same key.
 */
export function useIntent<Request, Answer>(
  send: (request: Request, key: string) => Promise<Answer>,
  onDone: (answer: Answer, request: Request) => Promise<void> | void,
) {
  const { clock } = useServices()
  const cache = useQueryClient()
  const state = useRef<IntentState<Request, Answer>>(undefined)
  const mutation = useMutation({
    mutationFn: ({ request, key }: Intent<Request>) => send(request, key),
    onSuccess: (answer, intent) => {
      state.current = answered(intent, answer)
      return onDone(answer, intent.request)
    },
    onError: (error, intent) => {
      state.current = unanswered(intent, error, state.current)
      if (state.current.kind === 'waiting') void cache.invalidateQueries({ queryKey: approvalsKey })
    },
  })
  return {
    submit(request: Request) {
      const intent = intentFor(state.current, request, clock.newKey)
      state.current = submitted(intent, state.current)
      mutation.mutate(intent)
    },
    /** Forgets what it came to, not its key: the same wish is still the same. */
    forget: mutation.reset,
    /** Why there is no answer: it failed, or it waits for a second person. */
    failure: mutation.error ? failureIn(state.current) : undefined,
    answer: mutation.data,
    isPending: mutation.isPending,
  }
}

function failureIn<Request, Answer>(
  state: IntentState<Request, Answer> | undefined,
): FailedIntent<Request> | undefined {
  return state && state.kind !== 'submitted' && state.kind !== 'done' ? state : undefined
}
