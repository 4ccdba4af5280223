import { formatMinor } from '@micropay/schemas/money'
import { useEffect, useState } from 'react'
import { amountsOrder, areAmountsInOrder } from '../data/search/ranges.ts'
import { readAmount } from '../money/read-amount.ts'
import { TextField } from './field.tsx'
import { SearchForm } from './search-form.tsx'
import { useRange } from './use-range.ts'

type AmountRangeProps = {
  readonly minAmount: string | undefined
  readonly maxAmount: string | undefined
  /** Whose amounts they are; undefined where those of several currencies may be listed. */
  readonly currency: string | undefined
  readonly onChange: (change: {
    readonly minAmount?: string | undefined
    readonly maxAmount?: string | undefined
  }) => void
}

/** The amounts that a search is between, in minor units. */
export function AmountRange({ minAmount, maxAmount, currency, onChange }: AmountRangeProps) {
  const { typed, set, isInOrder } = useRange({ minAmount, maxAmount }, areAmountsInOrder, onChange)
  return (
    <>
      <AmountSearch
        label="At least"
        currency={currency}
        value={typed.minAmount}
        onChange={(minor) => set({ minAmount: minor })}
      />
      <AmountSearch
        label="At most"
        currency={currency}
        value={typed.maxAmount}
        wrong={isInOrder ? undefined : amountsOrder}
        onChange={(minor) => set({ maxAmount: minor })}
      />
    </>
  )
}

const anyAmount = 'Type an amount such as 10.50, with at most two decimals.'

type AmountSearchProps = {
  readonly label: string
  readonly currency: string | undefined
  readonly value: string | undefined
  /** Why the amount cannot be asked for though it can be read. */
  readonly wrong?: string | undefined
  readonly onChange: (minor: string | undefined) => void
}

/** Without a currency an amount is one of two decimals, as in most. */
function AmountSearch({ label, currency, value, wrong, onChange }: AmountSearchProps) {
  const digitsOf = currency ?? 'EUR'
  const shown = value === undefined ? '' : formatMinor(BigInt(value), digitsOf)
  const [typed, setTyped] = useState(shown)
  const [error, setError] = useState<string>()
  useEffect(() => setTyped(shown), [shown])
  const search = () => {
    const read = typed === shown ? undefined : readAmount(typed, digitsOf)
    setError(read?.kind === 'wrong' ? (currency ? read.why : anyAmount) : undefined)
    if (!read || read.kind === 'wrong') return
    onChange(read.kind === 'amount' ? read.minor.toString() : undefined)
  }
  return (
    <SearchForm onSearch={search}>
      <TextField
        label={currency ? `${label}, ${currency}` : label}
        placeholder={currency ? undefined : '0.00'}
        inputMode="decimal"
        value={typed}
        onChange={setTyped}
        onBlur={search}
        error={error ?? wrong}
      />
    </SearchForm>
  )
}
