import { Badge } from '../../components/badge.tsx'
import type { Sorts } from '../../components/sort-rows.ts'
import { Cell, type Column, type Sorting, Table } from '../../components/table.tsx'
import type { Row, Stranger } from './known-projections.ts'
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

export const projectionSorts: Sorts<Row> = {
  name: { of: ({ service, name, version }) => `${service} ${name} ${version}` },
  state: {
    of: ({ state, stopped, silent }) => (silent === undefined ? (stopped === null ? state : 'stopped') : 'unreachable'),
  },
  applied: { of: ({ percent }) => percent },
  position: { of: ({ position }) => position },
  records: { of: ({ lagRecords }) => lagRecords },
  seconds: { of: ({ lagSeconds }) => lagSeconds },
  rate: { of: ({ ratePerSecond }) => ratePerSecond },
}

const whole = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 })
const tenths = new Intl.NumberFormat(undefined, { minimumFractionDigits: 1, maximumFractionDigits: 1 })

type ProjectionTableProps = {
  readonly statuses: readonly Row[]
  readonly strangers: readonly Stranger[]
  readonly sorting: Sorting
}

/** One that does not answer is red, and stands where it was last; one that never did comes first. */
export function ProjectionTable({ statuses, strangers, sorting }: ProjectionTableProps) {
  return (
    <Table label="Projections" columns={columns} sorting={sorting}>
      {strangers.map((stranger) => (
        <StrangerRow key={stranger.service} stranger={stranger} />
      ))}
      {statuses.map((status) => (
        <tr
          key={`${status.schema}/${status.name}/${status.partition}`}
          className={status.silent === undefined && status.stopped === null ? undefined : 'bg-bad-wash'}
        >
          <Cell>
            <span className="block font-medium">
              {status.service} / {status.name}
            </span>
            <span className="block text-xs text-ink-soft">
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
          <Cell align="right">
            <AtLeast when={status.silent !== undefined && status.lagRecords !== null}>
              {status.lagRecords === null ? 'unknown' : whole.format(status.lagRecords)}
            </AtLeast>
          </Cell>
          <Cell align="right">
            <AtLeast when={status.silent !== undefined}>{tenths.format(status.lagSeconds)}</AtLeast>
          </Cell>
          <Cell align="right">{status.silent === undefined ? whole.format(status.ratePerSecond) : 'unknown'}</Cell>
        </tr>
      ))}
    </Table>
  )
}

function StrangerRow({ stranger: { service, silent, seconds } }: { readonly stranger: Stranger }) {
  return (
    <tr className="bg-bad-wash">
      <Cell>
        <span className="block font-medium">{service}</span>
        <span className="block text-xs text-ink-soft">{silent}</span>
      </Cell>
      <Cell>
        <Unreachable />
      </Cell>
      <Cell>unknown</Cell>
      <Cell align="right">unknown</Cell>
      <Cell align="right">unknown</Cell>
      <Cell align="right">
        <AtLeast when>{tenths.format(seconds)}</AtLeast>
      </Cell>
      <Cell align="right">unknown</Cell>
    </tr>
  )
}

function AtLeast({ when, children }: { readonly when: boolean; readonly children: string }) {
  return <span className="whitespace-nowrap">{when ? `at least ${children}` : children}</span>
}

function Unreachable() {
  return (
    <span className="inline-flex rounded-full bg-bad px-2.5 py-0.5 text-xs font-semibold text-bad-ink">
      Unreachable
    </span>
  )
}

function StateBadge({ status }: { readonly status: Row }) {
  if (status.silent !== undefined) return <Unreachable />
  if (status.stopped !== null) return <Badge tone="bad">Stopped</Badge>
  if (status.state === 'live') return <Badge tone="good">Live</Badge>
  if (status.state === 'building') return <Badge tone="cool">Building</Badge>
  return <Badge>{status.givenUpBy === null ? 'Retired' : 'Given\u00a0up'}</Badge>
}
