import { currencyTable } from '@micropay/schemas/currencies'
import { SelectField } from './field.tsx'

type CurrencyFilterProps = {
  readonly value: string | undefined
  readonly onChange: (currency: string | undefined) => void
}

/** Narrows a list to one currency. */
export function CurrencyFilter({ value, onChange }: CurrencyFilterProps) {
  return (
    <SelectField label="Currency" value={value ?? ''} onChange={(currency) => onChange(currency || undefined)}>
      <option value="">All currencies</option>
      {Object.entries(currencyTable).map(([code, { name }]) => (
        <option key={code} value={code}>
          {code} · {name}
        </option>
      ))}
    </SelectField>
  )
}
