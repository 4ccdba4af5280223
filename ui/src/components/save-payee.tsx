import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { fieldErrorOf, problemOfError } from '../api/problem.ts'
import { payeesKey, payeesQuery, savePayee } from '../data/payees/payees.ts'
import { useServices } from '../services/app-context.ts'
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
  const { client, clock } = useServices()
  const cache = useQueryClient()
  const toast = useToast()
  const payees = useQuery(payeesQuery(client))
  const [alias, setAlias] = useState('')
  const save = useMutation({
    mutationFn: () => savePayee(client, { alias: alias.trim(), accountId: accountId.trim() }, clock.newKey()),
    onSuccess: async () => {
      toast(`${alias.trim()} is saved`)
      setAlias('')
      onAccountId?.('')
      await cache.invalidateQueries({ queryKey: payeesKey })
    },
  })
  const known = payees.data?.value.items.some((payee) => payee.accountId === accountId)
  if (!onAccountId && known !== false) return null
  const problem = save.error ? problemOfError(save.error) : undefined
  const atAccount = fieldErrorOf(problem, '/accountId')
  return (
    <form
      className="flex flex-wrap items-end gap-3"
      onSubmit={(event) => {
        event.preventDefault()
        if (alias.trim() !== '' && accountId.trim() !== '' && !save.isPending) save.mutate()
      }}
    >
      <div className="min-w-48 flex-1">
        <TextField
          label={onAccountId ? 'Name' : 'Save the receiver as'}
          maxLength={40}
          placeholder="Ben"
          value={alias}
          onChange={setAlias}
          error={atAccount ? undefined : problem?.detail}
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
