/** What an account is called, where that is known. */
export type NameOf = (accountId: string) => string | null | undefined

type NamedProps = { readonly accountId: string; readonly name: string | null | undefined }

/** An account by its name, with the id beside it: names are not unique, ids are. */
export function Named({ accountId, name }: NamedProps) {
  if (!name) return accountId
  return (
    <>
      <bdi>{name}</bdi> <span className="text-ink-soft">{accountId}</span>
    </>
  )
}
