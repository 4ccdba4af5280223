import { defaultPathOf } from '@micropay/schemas/account-path'
import type { AccountDecided } from '@micropay/schemas/api/account'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useRef } from 'react'
import type { Decided } from '../../api/client.ts'
import { failed, type Intent, type IntentState, intentFor, submitted } from '../../api/idempotent-intent.ts'
import { problemOfError } from '../../api/problem.ts'
import { useToast } from '../../components/toasts.tsx'
import { type OpenAccountRequest, openAccount } from '../../data/accounts/open-account.ts'
import { useServices } from '../../services/app-context.ts'

/** Opens an account once for each wish, however often the button is pressed, and goes to it. */
export function useOpenAccount() {
  const { client, clock } = useServices()
  const cache = useQueryClient()
  const navigate = useNavigate()
  const toast = useToast()
  const state = useRef<IntentState<OpenAccountRequest, Decided<AccountDecided>>>(undefined)
  const mutation = useMutation({
    mutationFn: (intent: Intent<OpenAccountRequest>) => openAccount(client, intent.request, intent.key),
    onSuccess: async ({ value }) => {
      const place = value.path ?? defaultPathOf(value.type, value.currency)
      toast('Account opened', `${value.name ?? value.accountId} is ready for its first payment, in ${place}.`)
      void cache.invalidateQueries({ queryKey: ['accounts'] })
      await navigate({ to: '/accounts/$accountId', params: { accountId: value.accountId } })
    },
    onError: (error, intent) => {
      state.current = failed(intent, problemOfError(error))
    },
  })
  const open = (request: OpenAccountRequest) => {
    const intent = intentFor(state.current, request, clock.newKey)
    state.current = submitted(intent)
    mutation.mutate(intent)
  }
  return { open, error: mutation.error, isPending: mutation.isPending }
}
