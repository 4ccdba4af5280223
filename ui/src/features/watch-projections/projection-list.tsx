import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { EmptyState } from '../../components/empty-state.tsx'
import { sortRows } from '../../components/sort-rows.ts'
import type { ProjectionSearch } from '../../data/flow/projection-search.ts'
import type { Rows } from './known-projections.ts'
import { ProjectionTable, projectionSorts } from './projection-table.tsx'

type Filtered = { readonly service: string; readonly state?: string }

/**
 * Those that the filter lets through; all of them are here, so they are filtered and sorted here. One whose state is
 * not known may be in any.
 */
export function matching<One extends Filtered>(all: readonly One[], { service, state }: ProjectionSearch): One[] {
  return all.filter((one) => (service ?? one.service) === one.service && (state ?? one.state) === (one.state ?? state))
}

type ProjectionListProps = {
  readonly rows: Rows
  readonly search: ProjectionSearch
  readonly onChange: (change: ProjectionSearch, replace?: boolean) => void
}

export function ProjectionList({ rows, search, onChange }: ProjectionListProps) {
  const shown = matching(rows.statuses, search)
  const strangers = matching(rows.strangers, search)
  if (shown.length + strangers.length > 0) {
    return (
      <Card className="overflow-hidden">
        <ProjectionTable
          strangers={strangers}
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
