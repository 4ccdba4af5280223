import type { Account } from '@micropay/schemas/api/account'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { fieldErrorOf } from '../../../api/problem.ts'
import { CommandProblem } from '../../../components/command-problem.tsx'
import { ConfirmDialog } from '../../../components/confirm-dialog.tsx'
import { AmountField, SelectField, TextField } from '../../../components/field.tsx'
import { useToast } from '../../../components/toasts.tsx'
import { type AccountRequest, changeAccount } from '../../../data/accounts/change-account.ts'
import { useServices } from '../../../services/app-context.ts'
import { useIntent } from '../../../services/use-intent.ts'
import { type AccountDetails, detailsOf, readDetails } from './account-details.ts'

type EditAccountDialogProps = { readonly account: Account; readonly onClose: () => void }

/** What an account is called, where it stands in the chart, and how far below zero it may go. */
export function EditAccountDialog({ account, onClose }: EditAccountDialogProps) {
  const { client } = useServices()
  const cache = useQueryClient()
  const toast = useToast()
  const [draft, setDraft] = useState(() => detailsOf(account))
  const [tried, setTried] = useState(false)
  const change = useIntent(
    (request: AccountRequest, key) => changeAccount(client, request, { key }),
    ({ value }) => {
      toast('Account changed', value.name ?? account.accountId)
      void cache.invalidateQueries({ queryKey: ['accounts'] })
      onClose()
    },
  )
  const read = readDetails(draft, account)
  const errors = tried && read.kind === 'incomplete' ? read.errors : {}
  const problem = change.failure?.problem
  const set = (some: Partial<AccountDetails>) => setDraft({ ...draft, ...some })
  const save = () => {
    setTried(true)
    if (read.kind === 'ready') change.submit({ accountId: account.accountId, details: read.details })
  }
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => open || onClose()}
      title="Edit this account"
      effect="Its type, currency and owner stay. Each change stays in the ledger."
      confirm="Save"
      busy={change.isPending}
      disabled={change.failure?.kind === 'waiting'}
      onConfirm={save}
    >
      <TextField
        label="Name"
        optional
        maxLength={100}
        value={draft.name}
        onChange={(name) => set({ name })}
        error={fieldErrorOf(problem, '/name')}
      />
      <TextField
        label="Owner's reference"
        optional
        maxLength={100}
        value={draft.reference}
        onChange={(reference) => set({ reference })}
        error={fieldErrorOf(problem, '/ownerReference')}
      />
      <TextField
        label="Place in the chart of accounts"
        maxLength={120}
        autoCapitalize="none"
        spellCheck={false}
        value={draft.place}
        onChange={(place) => set({ place })}
        error={errors.place ?? fieldErrorOf(problem, '/path')}
        hint="The chart has it there from now on, for earlier days, too."
      />
      <LimitFields draft={draft} currency={account.currency} onChange={set} error={errors.limit} />
      {errors.form ? <p className="text-sm font-medium text-bad">{errors.form}</p> : null}
      {change.failure ? <CommandProblem failure={change.failure} /> : null}
    </ConfirmDialog>
  )
}

type LimitFieldsProps = {
  readonly draft: AccountDetails
  readonly currency: string
  readonly onChange: (change: Partial<AccountDetails>) => void
  readonly error: string | undefined
}

function LimitFields({ draft, currency, onChange, error }: LimitFieldsProps) {
  return (
    <>
      <SelectField
        label="Overdraft"
        value={draft.overdraft}
        onChange={(value) => onChange({ overdraft: value === 'unlimited' ? 'unlimited' : 'limited' })}
      >
        <option value="limited">Up to a limit</option>
        <option value="unlimited">Unlimited</option>
      </SelectField>
      {draft.overdraft === 'limited' ? (
        <AmountField
          label="Overdraft limit"
          currency={currency}
          value={draft.limit}
          onChange={(limit) => onChange({ limit })}
          error={error}
          hint="If more than this is used already, nothing more can be paid from the account until less is."
        />
      ) : null}
    </>
  )
}
