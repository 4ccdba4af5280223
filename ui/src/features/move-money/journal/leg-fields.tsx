import type { Account } from '@micropay/schemas/api/account'
import { type AccountChoice, AccountPicker } from '../../../components/account-picker.tsx'
import { Button } from '../../../components/button.tsx'
import { AmountField } from '../../../components/field.tsx'
import { CrossIcon } from '../../../components/icons.tsx'
import { formatMoney } from '../../../money/format-money.ts'
import type { LegDraft, LegErrors } from './journal-draft.ts'

type LegFieldsProps = {
  /** From 1 on. */
  readonly number: number
  readonly leg: LegDraft
  /** Once it is known. */
  readonly account: Account | undefined
  readonly choices: readonly AccountChoice[]
  readonly errors: LegErrors & { readonly amount?: string | undefined }
  readonly onChange: (change: Partial<LegDraft>) => void
  /** Undefined where no leg can be spared. */
  readonly onRemove: (() => void) | undefined
}

/** One leg: the account, what leaves it or comes to it, and where it is to stand behind that. */
export function LegFields({ number, leg, account, choices, errors, onChange, onRemove }: LegFieldsProps) {
  const currency = account?.currency ?? ''
  const filled = leg.in.trim() === '' ? 'out' : 'in'
  const errorAt = (side: 'out' | 'in') => errors[side] ?? (side === filled ? errors.amount : undefined)
  return (
    <fieldset className="relative min-w-0">
      <legend className="mb-4 text-sm font-semibold text-ink-soft lg:sr-only">Leg {number}</legend>
      <div className="grid grid-cols-2 items-start gap-x-3 gap-y-4 lg:grid-cols-[minmax(0,1.4fr)_1fr_1fr_1fr_auto]">
        <div className="col-span-2 lg:col-span-1">
          <AccountPicker
            label="Account"
            value={leg.account}
            onChange={(accountId) => onChange({ account: accountId })}
            choices={choices}
            hint={account ? standing(account) : null}
            error={errors.account}
          />
        </div>
        <AmountField
          compact
          label="Out (debit)"
          currency={currency}
          value={leg.out}
          onChange={(out) => onChange({ out })}
          error={errorAt('out')}
        />
        <AmountField
          compact
          label="In (credit)"
          currency={currency}
          value={leg.in}
          onChange={(into) => onChange({ in: into })}
          error={errorAt('in')}
        />
        <div className="col-span-2 lg:col-span-1">
          <AmountField
            compact
            optional
            label="Balance after"
            currency={currency}
            value={leg.stands}
            onChange={(stands) => onChange({ stands })}
            error={errors.stands}
          />
        </div>
        <Button
          look="quiet"
          aria-label={`Remove leg ${number}`}
          title={`Remove leg ${number}`}
          disabled={!onRemove}
          onClick={onRemove}
          className="-top-12 right-0 px-3! max-lg:absolute lg:mt-6.5"
        >
          <CrossIcon />
        </Button>
      </div>
    </fieldset>
  )
}

function standing({ name, balance, currency }: Account): string {
  return `${name ? `${name}, stands` : 'Stands'} at ${formatMoney(BigInt(balance), currency)} now`
}
