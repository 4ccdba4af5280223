import { useQueryClient } from '@tanstack/react-query'
import { importStatement, reconciliationsKey } from '../../data/books/reconcile.ts'
import { useServices } from '../../services/app-context.ts'
import { useIntent } from '../../services/use-intent.ts'

/** What makes two imports the same wish is what can be compared; the file's content goes beside it. */
type Wish = { readonly account: string; readonly name: string; readonly xml: File }

/** Imports a file once for each wish, however often the button is pressed. */
export function useImport() {
  const { client } = useServices()
  const cache = useQueryClient()
  const { submit, ...importing } = useIntent(
    ({ account, xml }: Wish, key) => importStatement(client, { account, xml }, key),
    () => void cache.invalidateQueries({ queryKey: reconciliationsKey }),
  )
  const send = (account: string, file: File) =>
    submit({ account, name: `${file.name} ${file.size} ${file.lastModified}`, xml: file })
  return { ...importing, send }
}
