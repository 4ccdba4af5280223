import type { ProjectionStatus } from '@micropay/schemas/api/projection'
import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { EmptyState } from '../../components/empty-state.tsx'
import { sortRows } from '../../components/sort-rows.ts'
import type { ProjectionSearch } from '../../data/flow/projection-search.ts'
import { ProjectionTable, projectionSorts } from './projection-table.tsx'

/** Those that the filter lets through; all of them are here, so they are filtered and sorted here. */
export function matching(statuses: readonly ProjectionStatus[], { service, state }: ProjectionSearch) {
  return statuses.filter(
    (status) => (service ?? status.service) === status.service && (state ?? status.state) === status.state,
  )
}

type ProjectionListProps = {
  readonly statuses: readonly ProjectionStatus[]
  readonly search: ProjectionSearch
  readonly onChange: (change: ProjectionSearch, replace?: boolean) => void
}

export function ProjectionList({ statuses, search, onChange }: ProjectionListProps) {
  const shown = matching(statuses, search)
  if (shown.length > 0) {
    return (
      <Card className="overflow-hidden">
        <ProjectionTable
          statuses={sortRows(shown, projectionSorts, search.sort)}
          sorting={{ by: search.sort, onSort: (sort) => onChange({ sort }, false) }}
        />
      </Card>
    )
  }
  const showAll = (
    <Button look="secondary" onClick={() => onChange({ service: undefined, state: undefined })}>
      Show all projections
    </Button>
  )
  return (
    <EmptyState title="No projection matches" action={showAll}>
      No read model of this service is in this state now.
    </EmptyState>
  )
}
