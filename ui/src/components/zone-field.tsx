import { ownZone, usualZone } from '../time/reporting-zone.ts'
import { SelectField } from './field.tsx'

type ZoneFieldProps = {
  readonly label?: string
  readonly value: string | undefined
  readonly onChange: (zone: string | undefined) => void
}

/**
 * A time zone; without another label that of reports, chosen alike on every page of finance, and kept on the way from
 * one to the other.
 */
export function ZoneField({ label = 'Reporting time zone', value = usualZone, onChange }: ZoneFieldProps) {
  const near = [...new Set([usualZone, ownZone, value])]
  const others = Intl.supportedValuesOf('timeZone').filter((zone) => !near.includes(zone))
  return (
    <SelectField label={label} value={value} onChange={(zone) => onChange(zone === usualZone ? undefined : zone)}>
      {near.map((zone) => (
        <option key={zone}>{zone}</option>
      ))}
      <optgroup label="All time zones">
        {others.map((zone) => (
          <option key={zone}>{zone}</option>
        ))}
      </optgroup>
    </SelectField>
  )
}
