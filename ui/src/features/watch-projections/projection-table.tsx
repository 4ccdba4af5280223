import type { ProjectionStatus } from '@micropay/schemas/api/projection'
import { Badge } from '../../components/badge.tsx'
import type { Sorts } from '../../components/sort-rows.ts'
import { Cell, type Column, type Sorting, Table } from '../../components/table.tsx'
import { ProgressBar } from './progress-bar.tsx'

const columns: readonly Column[] = [
  { name: 'Projection', sort: 'name' },
  { name: 'State', sort: 'state' },
  { name: 'Applied', sort: 'applied', descendingFirst: true },
  { name: 'Position', align: 'right', sort: 'position', descendingFirst: true },
  { name: 'Lag, records', align: 'right', sort: 'records', descendingFirst: true },
  { name: 'Lag, s', align: 'right', sort: 'seconds', descendingFirst: true },
  { name: 'Rate/s', align: 'right', sort: 'rate', descendingFirst: true },
]

export const projectionSorts: Sorts<ProjectionStatus> = {
  name: { of: ({ service, name, version }) => `${service} ${name} ${version}` },
  state: { of: ({ state, stopped }) => (stopped === null ? state : 'stopped') },
  applied: { of: ({ percent }) => percent },
  position: { of: ({ position }) => position },
  records: { of: ({ lagRecords }) => lagRecords },
  seconds: { of: ({ lagSeconds }) => lagSeconds },
  rate: { of: ({ ratePerSecond }) => ratePerSecond },
}

const whole = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 })
const tenths = new Intl.NumberFormat(undefined, { minimumFractionDigits: 1, maximumFractionDigits: 1 })

type ProjectionTableProps = { readonly statuses: readonly ProjectionStatus[]; readonly sorting: Sorting }

export function ProjectionTable({ statuses, sorting }: ProjectionTableProps) {
  return (
    <Table label="Projections" columns={columns} sorting={sorting}>
      {statuses.map((status) => (
        <tr key={`${status.schema}/${status.name}/${status.partition}`}>
          <Cell>
            <span className="block font-medium">
              {status.service} / {status.name}
            </span>
            <span className="block text-xs text-ink-faint">
              version {status.version}, schema {status.schema}
            </span>
          </Cell>
          <Cell>
            <StateBadge status={status} />
          </Cell>
          <Cell>
            <ProgressBar status={status} />
          </Cell>
          <Cell align="right">{status.position}</Cell>
          <Cell align="right">{status.lagRecords === null ? 'unknown' : whole.format(status.lagRecords)}</Cell>
          <Cell align="right">{tenths.format(status.lagSeconds)}</Cell>
          <Cell align="right">{whole.format(status.ratePerSecond)}</Cell>
        </tr>
      ))}
    </Table>
  )
}

function StateBadge({ status }: { readonly status: ProjectionStatus }) {
  if (status.stopped !== null) return <Badge tone="bad">Stopped</Badge>
  if (status.state === 'live') return <Badge tone="good">Live</Badge>
  if (status.state === 'building') return <Badge tone="cool">Building</Badge>
  return <Badge>Retired</Badge>
}
