import { Link } from '@tanstack/react-router'

type AccountLinkProps = { readonly accountId: string; readonly name: string | null | undefined }

/** The way to an account, by its name with the id below it: names are not unique, ids are. */
export function AccountLink({ accountId, name }: AccountLinkProps) {
  return (
    <Link
      to="/accounts/$accountId"
      params={{ accountId }}
      className="inline-flex min-h-11 flex-col justify-center break-words text-accent underline-offset-4
        hover:underline"
    >
      {name ?? accountId}
      {name ? <span className="text-xs break-all text-ink-soft">{accountId}</span> : null}
    </Link>
  )
}
