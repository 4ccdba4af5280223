import { AccountPath } from '@micropay/schemas/account-path'

/** A place in the chart of accounts as it was typed: nothing, a place, or why it is none. */
export function readPlace(typed: string): { readonly path?: AccountPath; readonly why?: string } {
  if (typed.trim() === '') return {}
  const read = AccountPath.safeParse(typed.trim())
  return read.success ? { path: read.data } : { why: `The place ${read.error.issues[0]?.message}.` }
}
