import type { BalanceSearch } from '../../api/get-trial-balance.ts'
import { SelectField, TextField } from '../../components/field.tsx'
import { SearchField } from '../../components/search-field.tsx'

const zones = ['UTC', 'Europe/London', 'Europe/Amsterdam', 'Europe/Prague', 'America/New_York', 'Asia/Tokyo']

type AsOfFilterProps = {
  readonly search: BalanceSearch
  readonly onChange: (change: BalanceSearch) => void
}

/** As of the end of a day in a time zone, of a position of the ledger, or of now; a day and a position take each other's place. */
export function AsOfFilter({ search, onChange }: AsOfFilterProps) {
  const zone = search.zone ?? 'UTC'
  return (
    <search className="mb-5 grid gap-4 sm:grid-cols-3 print:hidden">
      <TextField
        label="End of day"
        type="date"
        value={search.day ?? ''}
        onChange={(day) => onChange({ day: day || undefined, position: undefined })}
      />
      <SelectField label="Time zone" value={zone} onChange={(value) => onChange({ zone: value })}>
        {[...new Set([...zones, zone])].map((each) => (
          <option key={each}>{each}</option>
        ))}
      </SelectField>
      <SearchField
        label="Ledger position"
        placeholder="0:1842"
        value={search.position ?? ''}
        onSearch={(position) => onChange({ position: position || undefined, day: undefined })}
      />
    </search>
  )
}

/** What the figures of a page are as of, in words. */
export function asOfWords({ day, position, zone = 'UTC' }: BalanceSearch): string {
  if (day !== undefined) return `At the end of ${day}, ${zone}, by value date.`
  if (position !== undefined) return `As the ledger stood at position ${position}.`
  return 'As of now.'
}
