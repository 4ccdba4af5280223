import type { ReactNode } from 'react'
import { whatBecameOf } from '../api/idempotent-intent.ts'
import type { NameCheck } from '../services/use-name-check.ts'
import { Button } from './button.tsx'
import { TextField } from './field.tsx'
import { Notice } from './notice.tsx'

type HolderFieldProps = { readonly value: string; readonly onChange: (name: string) => void }

/** Whom one believes to hold the account: it is checked before anything happens. */
export function HolderField({ value, onChange }: HolderFieldProps) {
  return (
    <TextField
      label="Account holder"
      optional
      maxLength={100}
      value={value}
      onChange={onChange}
      hint="Type a name, and you see whether it is the one on the account."
    />
  )
}

type NameToldProps = { readonly check: NameCheck | undefined; readonly onRetry: () => void }

/** What the ledger says of the name, in plain words; names are set apart, whichever way they are written. */
export function NameTold({ check, onRetry }: NameToldProps) {
  if (!check) return null
  const { accountId, name } = check.question
  if (check.kind === 'failed') {
    const { failure } = check
    const again = failure.kind === 'refused' ? null : <Button onClick={onRetry}>Check again</Button>
    const why = failure.kind === 'refused' ? failure.problem.detail : whatBecameOf(failure)
    return (
      <Notice tone="warn" title="The name was not checked" action={again}>
        {why}
      </Notice>
    )
  }
  const typed = <bdi>{name}</bdi>
  switch (check.told.outcome) {
    case 'match':
      return (
        <Notice tone="good" title="The name matches">
          {accountId} is held by {typed}.
        </Notice>
      )
    case 'close':
      return (
        <Notice tone="warn" title={<DidYouMean name={check.told.name} />}>
          That is the name on {accountId}, and nearly what you typed: {typed}.
        </Notice>
      )
    case 'none':
      return (
        <Notice tone="bad" title="The account is not held under the name you typed">
          {accountId} is held under another name than {typed}, or under none. Ask whom you want to pay, in another way
          than they gave you this account.
        </Notice>
      )
  }
}

function DidYouMean({ name }: { readonly name: string | undefined }): ReactNode {
  return (
    <>
      Did you mean <bdi>{name}</bdi>?
    </>
  )
}
