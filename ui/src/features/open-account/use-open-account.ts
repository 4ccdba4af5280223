import { defaultPathOf } from '@micropay/schemas/account-path'
import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useToast } from '../../components/toasts.tsx'
import { type OpenAccountRequest, openAccount } from '../../data/accounts/open-account.ts'
import { useServices } from '../../services/app-context.ts'
import { useIntent } from '../../services/use-intent.ts'

/** Opens an account once for each wish, however often the button is pressed, and goes to it. */
export function useOpenAccount() {
  const { client } = useServices()
  const cache = useQueryClient()
  const navigate = useNavigate()
  const toast = useToast()
  return useIntent(
    (request: OpenAccountRequest, key) => openAccount(client, request, key),
    async ({ value }) => {
      const place = value.path ?? defaultPathOf(value.type, value.currency)
      toast('Account opened', `${value.name ?? value.accountId} is ready for its first payment, in ${place}.`)
      void cache.invalidateQueries({ queryKey: ['accounts'] })
      await navigate({ to: '/accounts/$accountId', params: { accountId: value.accountId } })
    },
  )
}
