import { formatMinor } from '@micropay/schemas/money'
import { useEffect, useState } from 'react'
import { amountsOrder, areAmountsInOrder } from '../api/ranges.ts'
import { readAmount } from '../money/read-amount.ts'
import { TextField } from './field.tsx'
import { useRange } from './use-range.ts'

type AmountRangeProps = {
  readonly minAmount: string | undefined
  readonly maxAmount: string | undefined
  readonly currency: string
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

type AmountSearchProps = {
  readonly label: string
  readonly currency: string
  readonly value: string | undefined
  /** Why the amount cannot be asked for though it can be read. */
  readonly wrong?: string | undefined
  readonly onChange: (minor: string | undefined) => void
}

function AmountSearch({ label, currency, value, wrong, onChange }: AmountSearchProps) {
  const shown = value === undefined ? '' : formatMinor(BigInt(value), currency)
  const [typed, setTyped] = useState(shown)
  const [error, setError] = useState<string>()
  useEffect(() => setTyped(shown), [shown])
  const search = () => {
    const read = typed === shown ? undefined : readAmount(typed, currency)
    setError(read?.kind === 'wrong' ? read.why : undefined)
    if (!read || read.kind === 'wrong') return
    onChange(read.kind === 'amount' ? read.minor.toString() : undefined)
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        search()
      }}
    >
      <TextField
        label={`${label}, ${currency}`}
        inputMode="decimal"
        value={typed}
        onChange={setTyped}
        onBlur={search}
        error={error ?? wrong}
      />
    </form>
  )
}
