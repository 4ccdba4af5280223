import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { whatBecameOf } from '../api/idempotent-intent.ts'
import { fieldErrorOf } from '../api/problem.ts'
import { type NewPayee, payeesKey, payeesQuery, savePayee } from '../data/payees/payees.ts'
import { useServices } from '../services/app-context.ts'
import { useIntent } from '../services/use-intent.ts'
import { Button } from './button.tsx'
import { TextField } from './field.tsx'
import { useToast } from './toasts.tsx'

type SavePayeeProps = {
  readonly accountId: string
  /** Left out where the account is typed, too. */
  readonly onAccountId?: (accountId: string) => void
}

/** Gives an account a name, so that it can be paid by it. Nothing is shown for one that has a name. */
export function SavePayee({ accountId, onAccountId }: SavePayeeProps) {
  const { client } = useServices()
  const cache = useQueryClient()
  const toast = useToast()
  const payees = useQuery(payeesQuery(client))
  const [alias, setAlias] = useState('')
  const save = useIntent(
    (payee: NewPayee, key) => savePayee(client, payee, key),
    async (_, payee) => {
      toast(`${payee.alias} is saved`)
      setAlias('')
      onAccountId?.('')
      await cache.invalidateQueries({ queryKey: payeesKey })
    },
  )
  const known = payees.data?.value.items.some((payee) => payee.accountId === accountId)
  if (!onAccountId && known !== false) return null
  const { failure } = save
  const atAccount = fieldErrorOf(failure?.problem, '/accountId')
  const told = failure?.kind === 'refused' ? failure.problem.detail : failure && whatBecameOf(failure)
  return (
    <form
      className="flex flex-wrap items-end gap-3"
      onSubmit={(event) => {
        event.preventDefault()
        const payee = { alias: alias.trim(), accountId: accountId.trim() }
        if (payee.alias !== '' && payee.accountId !== '' && !save.isPending) save.submit(payee)
      }}
    >
      <div className="min-w-48 flex-1">
        <TextField
          label={onAccountId ? 'Name' : 'Save the receiver as'}
          maxLength={40}
          placeholder="Ben"
          value={alias}
          onChange={setAlias}
          error={atAccount ? undefined : told}
        />
      </div>
      {onAccountId ? (
        <div className="min-w-48 flex-1">
          <TextField
            label="Account id"
            autoCapitalize="none"
            spellCheck={false}
            value={accountId}
            onChange={onAccountId}
            error={atAccount}
          />
        </div>
      ) : null}
      <Button type="submit" look="secondary" busy={save.isPending}>
        Save payee
      </Button>
    </form>
  )
}
