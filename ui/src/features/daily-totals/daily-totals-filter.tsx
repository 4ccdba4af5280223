import { AccountType } from '@micropay/schemas/account-type'
import { CurrencyFilter } from '../../components/currency-filter.tsx'
import { DayRange } from '../../components/day-field.tsx'
import { SelectField } from '../../components/field.tsx'
import { Filters } from '../../components/filters.tsx'
import { SearchField } from '../../components/search-field.tsx'
import { ZoneField } from '../../components/zone-field.tsx'
import { type DailySearch, TotalsBy } from '../../data/books/finance-search.ts'
import type { DailyRequest } from '../../data/books/get-daily-totals.ts'

type DailyTotalsFilterProps = {
  readonly request: DailyRequest
  readonly onChange: (change: DailySearch) => void
}

/** Which days, whose days, of which accounts, and what is added up apart. */
export function DailyTotalsFilter({ request, onChange }: DailyTotalsFilterProps) {
  const { from, to, by, zone, currency, account, type } = request
  return (
    <Filters>
      <DayRange from={from} to={to} onChange={onChange} />
      <SelectField label="Added up by" value={by} onChange={(value) => onChange({ by: TotalsBy.parse(value) })}>
        <option value="none">Day</option>
        <option value="account">Day and account</option>
        <option value="operation">Day and operation</option>
        <option value="purpose">Day and purpose</option>
      </SelectField>
      <ZoneField value={zone} onChange={(chosen) => onChange({ zone: chosen })} />
      <CurrencyFilter value={currency} onChange={(code) => onChange({ currency: code })} />
      <SelectField
        label="Accounts"
        value={type ?? ''}
        onChange={(value) => onChange({ type: AccountType.safeParse(value).data })}
      >
        <option value="">Of all types</option>
        <option value="customer">Customer</option>
        <option value="external">External</option>
        <option value="internal">Internal</option>
      </SelectField>
      <SearchField
        label="One account"
        placeholder="ada:main"
        value={account ?? ''}
        onSearch={(accountId) => onChange({ account: accountId || undefined })}
      />
    </Filters>
  )
}
