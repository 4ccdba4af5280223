import type { ProjectionStatus } from '@micropay/schemas/projection'
import { Badge } from '../../components/badge.tsx'
import { Cell, Table } from '../../components/table.tsx'
import { ProgressBar } from './progress-bar.tsx'

const columns = [
  { name: 'Projection' },
  { name: 'State' },
  { name: 'Applied' },
  { name: 'Position', align: 'right' },
  { name: 'Lag (records)', align: 'right' },
  { name: 'Lag (seconds)', align: 'right' },
  { name: 'Rate (per second)', align: 'right' },
] as const

const whole = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 })
const tenths = new Intl.NumberFormat(undefined, { minimumFractionDigits: 1, maximumFractionDigits: 1 })

export function ProjectionTable({ statuses }: { readonly statuses: readonly ProjectionStatus[] }) {
  return (
    <Table label="Projections" columns={columns}>
      {statuses.map((status) => (
        <tr key={`${status.schema}/${status.name}/${status.partition}`} className="h-16">
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
