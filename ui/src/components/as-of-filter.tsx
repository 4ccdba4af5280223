import type { ReactNode } from 'react'
import { type AsOfSearch, positionError } from '../data/books/finance-search.ts'
import { usualZone } from '../time/reporting-zone.ts'
import { DayField } from './day-field.tsx'
import { Filters } from './filters.tsx'
import { SearchField } from './search-field.tsx'
import { ZoneField } from './zone-field.tsx'

type AsOfFilterProps = {
  readonly search: AsOfSearch
  readonly onChange: (change: AsOfSearch) => void
  /** The field of the day that a range begins with. */
  readonly begin?: ReactNode
  /** Fields that this page has besides. */
  readonly children?: ReactNode
}

/**
 * As of the end of a day in a time zone, of a position of the ledger, or of now; a day and a position take each other's
 * place.
 */
export function AsOfFilter({ search, onChange, begin, children }: AsOfFilterProps) {
  return (
    <Filters across={begin ? 4 : 3}>
      {begin}
      <DayField label="End of day" value={search.day} onChange={(day) => onChange({ day, position: undefined })} />
      <ZoneField value={search.zone} onChange={(zone) => onChange({ zone })} />
      <SearchField
        label="Ledger position"
        placeholder="0:1842"
        value={search.position ?? ''}
        errorOf={positionError}
        onSearch={(position) => onChange({ position: position || undefined, day: undefined })}
      />
      {children}
    </Filters>
  )
}

/** What the figures of a page are as of, in words. */
export function asOfWords({ day, position, zone = usualZone }: AsOfSearch): string {
  if (day !== undefined) return `At the end of ${day}, ${zone}, by value date.`
  if (position !== undefined) return `As the ledger stood at position ${position}.`
  return 'As of now.'
}
