import type { PaymentWithRefunds } from '@micropay/schemas/api/payment'
import type { Problem } from '@micropay/schemas/api/problem'
import { type ReactNode, useState } from 'react'
import { fieldErrorOf } from '../../../api/problem.ts'
import { Button } from '../../../components/button.tsx'
import { Card } from '../../../components/card.tsx'
import { AmountField, SelectField, TextField } from '../../../components/field.tsx'
import { Money } from '../../../components/money.tsx'
import type { RefundRequest } from '../../../data/payments/refund-payment.ts'
import { formatMoney } from '../../../money/format-money.ts'
import { movedBy } from '../../../money/totals.ts'
import { focusFirstError } from '../focus-first-error.ts'
import { PreviewProblem } from '../preview-problem.tsx'
import { isSplit, type RefundDraft, type RefundErrors, readRefund } from './refund-draft.ts'

type RefundFormProps = {
  readonly payment: PaymentWithRefunds
  readonly draft: RefundDraft
  readonly onChange: (draft: RefundDraft) => void
  /** When it counts, where that can be said. */
  readonly valueDate: ReactNode
  readonly busy: boolean
  readonly problem: Problem | undefined
  readonly onReady: (request: RefundRequest) => void
}

/** How much goes back, and why. */
export function RefundForm({ payment, draft, onChange, valueDate, busy, problem, onReady }: RefundFormProps) {
  const [tried, setTried] = useState(false)
  const read = readRefund(draft, payment)
  const errors: RefundErrors = tried && read.kind === 'incomplete' ? read.errors : {}
  const set = (change: Partial<RefundDraft>) => onChange({ ...draft, ...change })
  const left = movedBy(payment.refundable).map(({ currency, minor }) => formatMoney(BigInt(minor), currency))
  return (
    <Card className="p-5 sm:p-6">
      <form
        noValidate
        className="space-y-5"
        onSubmit={(event) => {
          event.preventDefault()
          setTried(true)
          if (read.kind === 'ready') onReady(read.request)
          else focusFirstError(event.currentTarget)
        }}
      >
        <SelectField
          label="Give back"
          value={draft.share}
          onChange={(share) => set({ share: share === 'part' ? 'part' : 'whole' })}
        >
          <option value="whole">All that is left: {left.join(', ')}</option>
          <option value="part">A part of it</option>
        </SelectField>
        {draft.share === 'part' ? <Part payment={payment} draft={draft} errors={errors} onChange={set} /> : null}
        <TextField
          label="Reason"
          maxLength={500}
          value={draft.reason}
          onChange={(reason) => set({ reason })}
          error={errors.reason}
          hint="Both sides read it on their statements."
        />
        {valueDate}
        {problem ? (
          <PreviewProblem
            problem={problem}
            noun="refund"
            brief={fieldErrorOf(problem, '/effectiveAt') === problem.detail}
          />
        ) : null}
        <Button type="submit" busy={busy} className="w-full">
          Continue
        </Button>
      </form>
    </Card>
  )
}

type PartProps = {
  readonly payment: PaymentWithRefunds
  readonly draft: RefundDraft
  readonly errors: RefundErrors
  readonly onChange: (change: Partial<RefundDraft>) => void
}

/** One amount between two accounts; of more accounts, one for each. */
function Part({ payment, draft, errors, onChange }: PartProps) {
  const { refundable, legs } = payment
  const [first] = refundable
  if (!isSplit(payment)) {
    return (
      <AmountField
        label="Amount"
        currency={first?.currency ?? ''}
        value={draft.amount}
        onChange={(amount) => onChange({ amount })}
        error={errors.amount}
      />
    )
  }
  return (
    <fieldset className="space-y-4">
      <legend className="mb-3 text-sm font-semibold">What goes back from each account, and to which</legend>
      {refundable.map(({ account, amount, currency }) => {
        const name = legs.find((leg) => leg.account === account)?.name ?? account
        const minor = amount.replace('-', '')
        return (
          <AmountField
            key={account}
            compact
            optional
            label={amount.startsWith('-') ? `Back to ${name}` : `Back from ${name}`}
            currency={currency}
            value={draft.amounts[account] ?? ''}
            onChange={(typed) => onChange({ amounts: { ...draft.amounts, [account]: typed } })}
            error={errors.amounts?.[account] ?? (account === first?.account ? errors.amount : undefined)}
            hint={
              <>
                At most <Money minor={minor} currency={currency} />
              </>
            }
          />
        )
      })}
    </fieldset>
  )
}
