import type { Account } from '@micropay/schemas/api/account'
import type { Problem } from '@micropay/schemas/api/problem'
import { type ReactNode, useState } from 'react'
import { fieldErrorOf } from '../../api/problem.ts'
import { type AccountChoice, AccountPicker } from '../../components/account-picker.tsx'
import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { AmountField, SelectField } from '../../components/field.tsx'
import type { PaymentRequest } from '../../data/payments/make-payment.ts'
import { formatMoney } from '../../money/format-money.ts'
import { focusFirstError } from './focus-first-error.ts'
import { type DraftErrors, type PaymentDraft, type Receiver, readDraft } from './payment-draft.ts'
import { PaymentTexts } from './payment-texts.tsx'
import { PreviewProblem } from './preview-problem.tsx'

/** One end of the payment: chosen among accounts that are at hand, or typed. */
export type Side =
  | {
      readonly kind: 'chosen'
      readonly label: string
      readonly accounts: readonly Account[]
      readonly hint?: ReactNode
    }
  | {
      readonly kind: 'typed'
      readonly label: string
      readonly choices: readonly AccountChoice[]
      /** Whom what was typed stands for; without it, it is an account id. */
      readonly resolve?: (typed: string) => Receiver
      readonly placeholder?: string
      readonly hint?: ReactNode
    }

type PaymentFormProps = {
  readonly draft: PaymentDraft
  readonly onChange: (draft: PaymentDraft) => void
  readonly currency: string | undefined
  readonly amountHint?: ReactNode
  readonly from: Side
  readonly to: Side
  /** What else is asked of the one who gets the money. */
  readonly belowTo?: ReactNode
  /** When it counts, where that can be said. */
  readonly valueDate?: ReactNode
  readonly busy: boolean
  readonly problem: Problem | undefined
  readonly onReady: (request: PaymentRequest) => void
}

/** Who pays whom how much and what for. Errors stand at their fields once one has tried to go on. */
export function PaymentForm({
  draft,
  onChange,
  currency,
  amountHint,
  from,
  to,
  belowTo,
  valueDate,
  busy,
  problem,
  onReady,
}: PaymentFormProps) {
  const [tried, setTried] = useState(false)
  const read = readDraft(draft, currency, to.kind === 'typed' ? to.resolve : undefined)
  const errors: DraftErrors = tried && read.kind === 'incomplete' ? read.errors : {}
  const set = (change: Partial<PaymentDraft>) => onChange({ ...draft, ...change })
  const posting = '/postings/0'
  return (
    <Card className="p-5 sm:p-6">
      <form
        noValidate
        className="space-y-5"
        onSubmit={(event) => {
          event.preventDefault()
          setTried(true)
          if (busy) return
          if (read.kind === 'ready') onReady(read.request)
          else focusFirstError(event.currentTarget)
        }}
      >
        <SideField
          side={from}
          value={draft.from}
          onChange={(value) => set({ from: value })}
          error={errors.from ?? fieldErrorOf(problem, `${posting}/from`)}
        />
        <SideField
          side={to}
          value={draft.to}
          onChange={(value) => set({ to: value })}
          error={errors.to ?? fieldErrorOf(problem, `${posting}/to`)}
        />
        {belowTo}
        <AmountField
          label="Amount"
          currency={currency ?? ''}
          value={draft.amount}
          onChange={(amount) => set({ amount })}
          error={errors.amount ?? fieldErrorOf(problem, `${posting}/amount`)}
          hint={amountHint}
        />
        {valueDate}
        <PaymentTexts texts={draft} problem={problem} onChange={set} hint="Both sides see it on their statements." />
        {problem ? <PreviewProblem problem={problem} brief={shownAtField(problem)} /> : null}
        <Button type="submit" busy={busy} className="w-full">
          {busy ? 'Checking…' : 'Continue'}
        </Button>
      </form>
    </Card>
  )
}

const fields = [
  ...['/postings/0/from', '/postings/0/to', '/postings/0/amount'],
  ...['/reference', '/description', '/effectiveAt'],
]

/** What stands at its field need not be said again. */
function shownAtField(problem: Problem): boolean {
  return fields.some((pointer) => fieldErrorOf(problem, pointer) === problem.detail)
}

type SideFieldProps = {
  readonly side: Side
  readonly value: string
  readonly onChange: (value: string) => void
  readonly error: string | undefined
}

function SideField({ side, value, onChange, error }: SideFieldProps) {
  if (side.kind === 'typed') {
    return (
      <AccountPicker
        label={side.label}
        value={value}
        onChange={onChange}
        choices={side.choices}
        placeholder={side.placeholder}
        hint={side.hint}
        error={error}
      />
    )
  }
  return (
    <SelectField label={side.label} value={value} onChange={onChange} hint={side.hint} error={error}>
      {value === '' ? <option value="">Choose an account</option> : null}
      {side.accounts.map((account) => (
        <option key={account.accountId} value={account.accountId}>
          {account.name ?? account.accountId} · {formatMoney(BigInt(account.balance), account.currency)}
        </option>
      ))}
    </SelectField>
  )
}
