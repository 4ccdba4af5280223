import { SelectField } from '../../components/field.tsx'
import { Filters } from '../../components/filters.tsx'
import { ProjectionSearch } from '../../data/flow/projection-search.ts'

type ProjectionFilterProps = {
  readonly search: ProjectionSearch
  readonly services: readonly string[]
  readonly onChange: (change: ProjectionSearch) => void
}

/** Which service's read models are listed, and in which state. */
export function ProjectionFilter({ search, services, onChange }: ProjectionFilterProps) {
  return (
    <Filters>
      <SelectField
        label="Service"
        value={search.service ?? ''}
        onChange={(service) => onChange({ service: service || undefined })}
      >
        <option value="">All services</option>
        {[...new Set([...services, ...(search.service ? [search.service] : [])])].map((service) => (
          <option key={service}>{service}</option>
        ))}
      </SelectField>
      <SelectField
        label="State"
        value={search.state ?? ''}
        onChange={(state) => onChange(ProjectionSearch.pick({ state: true }).parse({ state }))}
      >
        <option value="">Any state</option>
        <option value="live">Live</option>
        <option value="building">Building</option>
        <option value="retired">Retired</option>
      </SelectField>
    </Filters>
  )
}
