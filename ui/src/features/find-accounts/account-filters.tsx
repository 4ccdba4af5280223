import { AccountType } from '@micropay/schemas/account-type'
import { AccountStatus } from '@micropay/schemas/api/account'
import { CurrencyFilter } from '../../components/currency-filter.tsx'
import { SelectField } from '../../components/field.tsx'
import { Filters } from '../../components/filters.tsx'
import { SearchField } from '../../components/search-field.tsx'
import type { AccountFilter } from '../../data/accounts/list-accounts.ts'

type AccountFiltersProps = {
  readonly filter: AccountFilter
  readonly onChange: (change: AccountFilter) => void
}

/** Whose accounts, of which type, status and currency: the server answers it, over all of them. */
export function AccountFilters({ filter, onChange }: AccountFiltersProps) {
  return (
    <Filters>
      <SearchField
        label="Owner"
        placeholder="customer:ada"
        value={filter.owner ?? ''}
        onSearch={(owner) => onChange({ owner: owner || undefined })}
      />
      <SelectField
        label="Type"
        value={filter.type ?? ''}
        onChange={(value) => onChange({ type: AccountType.safeParse(value).data })}
      >
        <option value="">All types</option>
        <option value="customer">Customer</option>
        <option value="external">External</option>
        <option value="internal">Internal</option>
      </SelectField>
      <SelectField
        label="Status"
        value={filter.status ?? ''}
        onChange={(value) => onChange({ status: AccountStatus.safeParse(value).data })}
      >
        <option value="">Any status</option>
        <option value="open">Open</option>
        <option value="frozen">Frozen</option>
        <option value="closed">Closed</option>
      </SelectField>
      <CurrencyFilter value={filter.currency} onChange={(currency) => onChange({ currency })} />
    </Filters>
  )
}
