import type { StatementAccepted } from '@micropay/schemas/api/statement'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useRef } from 'react'
import type { Decided } from '../../api/client.ts'
import { failed, type Intent, type IntentState, intentFor, submitted } from '../../api/idempotent-intent.ts'
import { problemOfError } from '../../api/problem.ts'
import { type ImportRequest, importStatement, reconciliationsKey } from '../../data/books/reconcile.ts'
import { useServices } from '../../services/app-context.ts'

/** What makes two imports the same wish; the file's content goes beside it. */
type Wish = { readonly account: string; readonly file: string }
type Sent = Intent<Wish> & { readonly xml: ImportRequest['xml'] }

/** Imports a file once for each wish, however often the button is pressed. */
export function useImport() {
  const { client, clock } = useServices()
  const cache = useQueryClient()
  const state = useRef<IntentState<Wish, Decided<StatementAccepted>>>(undefined)
  const mutation = useMutation({
    mutationFn: ({ request, key, xml }: Sent) => importStatement(client, { account: request.account, xml }, key),
    onSuccess: () => {
      state.current = undefined
      void cache.invalidateQueries({ queryKey: reconciliationsKey })
    },
    onError: (error, { key, request }) => {
      state.current = failed({ key, request }, problemOfError(error))
    },
  })
  const send = (account: string, file: File) => {
    const wish = { account, file: `${file.name} ${file.size} ${file.lastModified}` }
    const intent = intentFor(state.current, wish, clock.newKey)
    state.current = submitted(intent)
    mutation.mutate({ ...intent, xml: file })
  }
  return { send, mutation }
}
