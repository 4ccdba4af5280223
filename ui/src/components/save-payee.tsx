import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { whatBecameOf } from '../api/idempotent-intent.ts'
import { fieldErrorOf } from '../api/problem.ts'
import { type NewPayee, payeesKey, payeesQuery, savePayee } from '../data/payees/payees.ts'
import { useServices } from '../services/app-context.ts'
import { useIntent } from '../services/use-intent.ts'
import { type NameCheck, useNameCheck } from '../services/use-name-check.ts'
import { Button } from './button.tsx'
import { TextField } from './field.tsx'
import { HolderField, NameTold } from './name-told.tsx'
import { useToast } from './toasts.tsx'

/** Gives an account that was paid a name, so that it can be paid by it. Nothing is shown for one that has a name. */
export function SavePaid({ accountId }: { readonly accountId: string }) {
  const { client } = useServices()
  const payees = useQuery(payeesQuery(client))
  const [alias, setAlias] = useState('')
  const save = useSaving(() => setAlias(''))
  const known = payees.data?.value.items.some((payee) => payee.accountId === accountId)
  if (known !== false) return null
  return (
    <form
      className="flex flex-wrap items-end gap-3"
      onSubmit={(event) => {
        event.preventDefault()
        save.submit({ alias, accountId })
      }}
    >
      <div className="min-w-48 flex-1">
        <AliasField label="Save the receiver as" alias={alias} onAlias={setAlias} error={save.told} />
      </div>
      <Button type="submit" look="secondary" busy={save.isPending}>
        Save payee
      </Button>
    </form>
  )
}

/** Gives any account a name. Whose it is can be checked first, and is shown before it is saved. */
export function SavePayee() {
  const [alias, setAlias] = useState('')
  const [accountId, setAccountId] = useState('')
  const [holder, setHolder] = useState('')
  const names = useNameCheck()
  const save = useSaving(() => {
    for (const clear of [setAlias, setAccountId, setHolder]) clear('')
  })
  const question = { accountId: accountId.trim(), name: holder.trim() }
  const check = names.of(question)
  const isToCheck = question.name !== '' && check === undefined
  const atAccount = save.atAccount ?? accountErrorOf(check)
  return (
    <form
      className="space-y-5"
      onSubmit={(event) => {
        event.preventDefault()
        if (isToCheck && question.accountId !== '') names.ask(question)
        else if (!isToCheck) save.submit({ alias, accountId })
      }}
    >
      <div className="grid gap-5 sm:grid-cols-2">
        <AliasField label="Name" alias={alias} onAlias={setAlias} error={save.atAccount ? undefined : save.told} />
        <TextField
          label="Account id"
          autoCapitalize="none"
          spellCheck={false}
          value={accountId}
          onChange={setAccountId}
          error={atAccount}
        />
      </div>
      <HolderField value={holder} onChange={setHolder} />
      {check && !accountErrorOf(check) ? <NameTold check={check} onRetry={() => names.ask(question)} /> : null}
      <Button type="submit" look="secondary" busy={save.isPending || names.isPending}>
        {isToCheck ? 'Check the name' : isAnother(check) ? 'Save payee anyway' : 'Save payee'}
      </Button>
    </form>
  )
}

type AliasFieldProps = {
  readonly label: string
  readonly alias: string
  readonly onAlias: (alias: string) => void
  readonly error: string | undefined
}

function AliasField({ label, alias, onAlias, error }: AliasFieldProps) {
  return <TextField label={label} maxLength={40} placeholder="Ben" value={alias} onChange={onAlias} error={error} />
}

/** Saves once what is filled in; the reason against it, and whether that stands at the account. */
function useSaving(onSaved: () => void) {
  const { client } = useServices()
  const cache = useQueryClient()
  const toast = useToast()
  const save = useIntent(
    (payee: NewPayee, key) => savePayee(client, payee, key),
    async (_, payee) => {
      toast(`${payee.alias} is saved`)
      onSaved()
      await cache.invalidateQueries({ queryKey: payeesKey })
    },
  )
  const { failure, isPending } = save
  return {
    isPending,
    atAccount: fieldErrorOf(failure?.problem, '/accountId'),
    told: failure?.kind === 'refused' ? failure.problem.detail : failure && whatBecameOf(failure),
    submit(typed: NewPayee) {
      const payee = { alias: typed.alias.trim(), accountId: typed.accountId.trim() }
      if (payee.alias !== '' && payee.accountId !== '' && !isPending) save.submit(payee)
    },
  }
}

function accountErrorOf(check: NameCheck | undefined): string | undefined {
  return check?.kind === 'failed' ? fieldErrorOf(check.failure.problem, '/accountId') : undefined
}

function isAnother(check: NameCheck | undefined): boolean {
  return check?.kind === 'told' && check.told.outcome === 'none'
}
