import type { ReactNode } from 'react'
import { type SearchFilter, type SearchSort, sortOf } from '../data/search/search-filter.ts'
import { AmountRange } from './amount-range.tsx'
import { DayRange } from './day-field.tsx'
import { SelectField } from './field.tsx'
import { SearchField } from './search-field.tsx'
import { ZoneField } from './zone-field.tsx'

type SearchPanelProps = {
  readonly filter: SearchFilter
  /** The currency that amounts are typed in, where there is only one. */
  readonly currency: string | undefined
  /** Whether there is a side to see directions from. */
  readonly directed?: boolean
  readonly onChange: (change: SearchFilter) => void
  /** Fields that this list has besides. */
  readonly children?: ReactNode
}

/**
 * The fields that narrow a list of payments or entries; what is used less is folded away, but never while it is in use.
 */
export function SearchPanel({ filter, currency, directed = true, onChange, children }: SearchPanelProps) {
  const { counterparty, from, to, minAmount, maxAmount, zone } = filter
  const used = [counterparty, from, to, minAmount, maxAmount].some(Boolean)
  return (
    <search className="mb-5 block space-y-4 print:hidden">
      <div className="grid grid-cols-2 items-start gap-x-3 gap-y-4 sm:gap-x-4 lg:flex lg:*:flex-1">
        <div className="col-span-2 lg:flex-[1.7]!">
          <SearchField
            label="Search"
            placeholder="Reference or description"
            value={filter.text ?? ''}
            onSearch={(text) => onChange({ text: text || undefined })}
          />
        </div>
        <SelectField
          label="Direction"
          value={filter.direction ?? ''}
          disabled={!directed}
          onChange={(value) => onChange({ direction: value === 'in' || value === 'out' ? value : undefined })}
        >
          <option value="">In and out</option>
          <option value="in">Money in</option>
          <option value="out">Money out</option>
        </SelectField>
        {children}
        <div className="lg:flex-[1.5]!">
          <SortField filter={filter} onChange={onChange} />
        </div>
      </div>
      <details open={used || undefined}>
        <summary className="min-target inline-flex cursor-pointer items-center text-sm font-semibold text-accent">
          Dates, amounts, counterparty
        </summary>
        <div
          className={`mt-2 grid grid-cols-2 items-start gap-x-3 gap-y-4 sm:gap-x-4
            ${zone ? 'lg:grid-cols-3' : 'lg:grid-cols-5'}`}
        >
          <SearchField
            label="Counterparty"
            placeholder="Name or id"
            value={counterparty ?? ''}
            onSearch={(text) => onChange({ counterparty: text || undefined })}
          />
          <DayRange from={from} to={to} onChange={onChange} />
          <AmountRange minAmount={minAmount} maxAmount={maxAmount} currency={currency} onChange={onChange} />
          {zone ? <ZoneField value={zone} onChange={(chosen) => onChange({ zone: chosen })} /> : null}
        </div>
      </details>
    </search>
  )
}

const orders: readonly (readonly [SearchSort, string])[] = [
  ['-decided', 'Newest booked'],
  ['decided', 'Oldest booked'],
  ['-value', 'Newest value date'],
  ['value', 'Oldest value date'],
]

/** What the headings of a table say, too; on a phone those of the times are not there. */
function SortField({ filter, onChange }: Pick<SearchPanelProps, 'filter' | 'onChange'>) {
  const inRange = Boolean(filter.from || filter.to)
  return (
    <SelectField
      label="Order"
      value={sortOf(filter)}
      onChange={(value) => onChange({ sort: orders.find(([sort]) => sort === value && sort !== '-decided')?.[0] })}
    >
      {orders
        .filter(([sort]) => !inRange || sort.endsWith('value'))
        .map(([sort, name]) => (
          <option key={sort} value={sort}>
            {name}
          </option>
        ))}
    </SelectField>
  )
}
