import { defaultPathOf } from '@micropay/schemas/account-path'
import { AccountType } from '@micropay/schemas/account-type'
import type { Problem } from '@micropay/schemas/api/problem'
import { currencyTable } from '@micropay/schemas/currencies'
import { type FormEvent, useState } from 'react'
import { fieldErrorOf } from '../../api/problem.ts'
import { Button, LinkButton } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { CommandProblem } from '../../components/command-problem.tsx'
import { AmountField, SelectField, TextField } from '../../components/field.tsx'
import { Page } from '../../components/page.tsx'
import { type AccountDraft, readAccountDraft } from './account-draft.ts'
import { useOpenAccount } from './use-open-account.ts'

const currencies = Object.entries(currencyTable).map(([code, { name }]) => ({ code, name }))
const empty: AccountDraft = {
  type: 'customer',
  owner: '',
  name: '',
  reference: '',
  openedOn: '',
  accountId: '',
  currency: 'EUR',
  path: '',
  overdraft: 'default',
  limit: '',
}

const typeHints: Record<AccountType, string> = {
  customer: 'Money that the house owes its owner.',
  external: 'The world outside, such as a bank or a cash desk: where deposits come from and withdrawals go to.',
  internal: "The house's own income and expense.",
}

/** An operator opens an account of any type; the ledger has the last word. */
export function OpenAccountPage() {
  const [draft, setDraft] = useState(empty)
  const [tried, setTried] = useState(false)
  const opening = useOpenAccount()
  const read = readAccountDraft(draft)
  const errors = tried && read.kind === 'incomplete' ? read.errors : {}
  const problem = opening.failure?.problem
  const set = (change: Partial<AccountDraft>) => setDraft({ ...draft, ...change })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setTried(true)
    if (read.kind === 'ready' && !opening.isPending) opening.submit(read.request)
  }
  return (
    <Page narrow>
      <Card className="p-5 sm:p-6">
        <form noValidate className="space-y-5" onSubmit={submit}>
          <SelectField
            label="Type"
            value={draft.type}
            onChange={(type) => set({ type: AccountType.parse(type) })}
            hint={typeHints[draft.type]}
          >
            <option value="customer">Customer</option>
            <option value="external">External</option>
            <option value="internal">Internal</option>
          </SelectField>
          <TextField
            label="Owner"
            placeholder="customer:ada"
            autoCapitalize="none"
            spellCheck={false}
            value={draft.owner}
            onChange={(owner) => set({ owner })}
            error={errors.owner ?? fieldErrorOf(problem, '/owner')}
            hint="The subject that the owner signs in as."
          />
          <NameFields draft={draft} onChange={set} problem={problem} />
          <TextField
            label="Account id"
            optional
            autoCapitalize="none"
            spellCheck={false}
            value={draft.accountId}
            onChange={(accountId) => set({ accountId })}
            error={fieldErrorOf(problem, '/accountId')}
            hint="Up to 64 letters, digits, or . _ : - ; without one, the ledger chooses."
          />
          <PlaceFields draft={draft} onChange={set} problem={problem} pathError={errors.path} />
          <OverdraftFields
            draft={draft}
            onChange={set}
            error={errors.limit ?? fieldErrorOf(problem, '/overdraftLimit')}
          />
          {opening.failure ? <CommandProblem failure={opening.failure} /> : null}
          <div className="flex flex-col-reverse gap-2 sm:flex-row sm:justify-end">
            <LinkButton to="/accounts" look="secondary">
              Cancel
            </LinkButton>
            <Button type="submit" busy={opening.isPending}>
              {opening.isPending ? 'Opening…' : 'Open account'}
            </Button>
          </div>
        </form>
      </Card>
    </Page>
  )
}

type PlaceProps = {
  readonly draft: AccountDraft
  readonly onChange: (change: Partial<AccountDraft>) => void
  readonly problem: Problem | undefined
  readonly pathError: string | undefined
}

/** What the account is called, here and by its owner, and since when there is one. */
function NameFields({ draft, onChange, problem }: Omit<PlaceProps, 'pathError'>) {
  return (
    <>
      <TextField
        label="Name"
        optional
        maxLength={100}
        value={draft.name}
        onChange={(name) => onChange({ name })}
        error={fieldErrorOf(problem, '/name')}
      />
      <TextField
        label="Owner's reference"
        optional
        maxLength={100}
        value={draft.reference}
        onChange={(reference) => onChange({ reference })}
        error={fieldErrorOf(problem, '/ownerReference')}
        hint="What its owner calls it, such as the number of a contract."
      />
      <TextField
        label="Opened on"
        optional
        type="date"
        value={draft.openedOn}
        onChange={(openedOn) => onChange({ openedOn })}
        error={fieldErrorOf(problem, '/openedOn')}
        hint="Since when it is held elsewhere, where this ledger takes it over."
      />
    </>
  )
}

/** The currency, for good, and the place in the chart. */
function PlaceFields({ draft, onChange, problem, pathError }: PlaceProps) {
  return (
    <>
      <SelectField
        label="Currency"
        value={draft.currency}
        onChange={(currency) => onChange({ currency })}
        hint="It cannot be changed later."
        error={fieldErrorOf(problem, '/currency')}
      >
        {currencies.map(({ code, name }) => (
          <option key={code} value={code}>
            {code} · {name}
          </option>
        ))}
      </SelectField>
      <TextField
        label="Place in the chart of accounts"
        optional
        maxLength={120}
        autoCapitalize="none"
        spellCheck={false}
        placeholder={defaultPathOf(draft.type, draft.currency)}
        value={draft.path}
        onChange={(path) => onChange({ path })}
        error={pathError ?? fieldErrorOf(problem, '/path')}
        hint={`Without one, ${defaultPathOf(draft.type, draft.currency)}.`}
      />
    </>
  )
}

type OverdraftProps = {
  readonly draft: AccountDraft
  readonly onChange: (change: Partial<AccountDraft>) => void
  readonly error: string | undefined
}

function OverdraftFields({ draft, onChange, error }: OverdraftProps) {
  const standard = draft.type === 'customer' ? 'None: it may not go below zero' : 'No limit'
  return (
    <>
      <SelectField
        label="Overdraft"
        value={draft.overdraft}
        onChange={(value) => onChange({ overdraft: value === 'limited' || value === 'unlimited' ? value : 'default' })}
      >
        <option value="default">As usual for this type ({standard.toLowerCase()})</option>
        <option value="limited">Up to a limit</option>
        <option value="unlimited">Unlimited</option>
      </SelectField>
      {draft.overdraft === 'limited' ? (
        <AmountField
          label="Overdraft limit"
          currency={draft.currency}
          value={draft.limit}
          onChange={(limit) => onChange({ limit })}
          error={error}
        />
      ) : null}
    </>
  )
}
