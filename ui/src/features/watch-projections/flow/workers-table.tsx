import type { WorkerStatus } from '@micropay/schemas/api/worker'
import { AlarmReason } from '@micropay/schemas/log/void-reason'
import { Badge } from '../../../components/badge.tsx'
import { Card } from '../../../components/card.tsx'
import { EmptyState } from '../../../components/empty-state.tsx'
import { Instant } from '../../../components/instant.tsx'
import { type Sorts, sortRows } from '../../../components/sort-rows.ts'
import { Cell, type Column, type Sorting, Table } from '../../../components/table.tsx'
import { figure } from './figures.ts'

const columns: readonly Column[] = [
  { name: 'Partition', sort: 'partition' },
  { name: 'Lease', sort: 'lease' },
  { name: 'Epoch', align: 'right', sort: 'epoch', descendingFirst: true },
  { name: 'Sequence', align: 'right', sort: 'sequence', descendingFirst: true },
  { name: 'Queue', align: 'right', sort: 'queue', descendingFirst: true },
  { name: 'In doubt', align: 'right', sort: 'doubt', descendingFirst: true },
  { name: 'Under way', align: 'right', sort: 'underWay', descendingFirst: true },
  { name: 'Commits/s', align: 'right', sort: 'commits', descendingFirst: true },
  { name: 'Append, ms', align: 'right', sort: 'append', descendingFirst: true },
  { name: 'State lag', align: 'right', sort: 'lag', descendingFirst: true },
]

const sorts: Sorts<WorkerStatus> = {
  partition: { of: ({ partition }) => partition },
  lease: { of: ({ lease }) => lease?.holder ?? null },
  epoch: { of: ({ epoch }) => epoch },
  sequence: { of: ({ seq }) => seq },
  queue: { of: ({ queued }) => queued },
  doubt: { of: ({ inDoubt }) => inDoubt },
  underWay: { of: ({ underWay }) => underWay?.open ?? null },
  commits: { of: ({ commitsPerSecond }) => commitsPerSecond },
  append: { of: ({ appendLatencyMs }) => appendLatencyMs?.p99 ?? null },
  lag: { of: ({ stateLagCommits }) => stateLagCommits },
}

type WorkersTableProps = { readonly workers: readonly WorkerStatus[]; readonly sorting: Sorting }

/** Who owns each partition, and how it gets on. */
export function WorkersTable({ workers, sorting }: WorkersTableProps) {
  return (
    <Card className="overflow-hidden">
      <Table label="Workers and partitions" columns={columns} sorting={sorting}>
        {sortRows(workers, sorts, sorting.by).map((worker) => (
          <tr
            key={`${worker.worker}/${worker.partition}`}
            className={worker.stopped === null ? undefined : 'bg-bad-wash'}
          >
            <Cell>
              <span className="flex items-center gap-2 font-medium">
                {worker.partition}
                <Badge tone={toneOf(worker)}>{isFollower(worker) ? 'follows' : worker.phase}</Badge>
              </span>
              <span className="block text-xs text-ink-faint">worker {worker.worker}</span>
            </Cell>
            <Cell>
              {worker.lease ? worker.lease.holder : 'nobody'}
              {worker.lease ? (
                <span className="block text-xs text-ink-faint">
                  until <Instant at={worker.lease.expiresAt} show="time" />
                </span>
              ) : null}
            </Cell>
            <Cell align="right">{figure(worker.epoch)}</Cell>
            <Cell align="right">{worker.seq.toLocaleString()}</Cell>
            <Cell align="right">{figure(worker.queued)}</Cell>
            <Cell align="right">{figure(worker.inDoubt)}</Cell>
            <Cell align="right">
              {figure(worker.underWay?.open)}
              {worker.underWay ? <UnderWay {...worker.underWay} parked={worker.parked?.kept ?? 0} /> : null}
            </Cell>
            <Cell align="right">{figure(worker.commitsPerSecond)}</Cell>
            <Cell align="right">
              <span className="block whitespace-nowrap">
                {figure(worker.appendLatencyMs?.p50)} / {figure(worker.appendLatencyMs?.p99)}
              </span>
              <span className="block text-xs text-ink-faint">p50 / p99</span>
            </Cell>
            <Cell align="right">{figure(worker.stateLagCommits)}</Cell>
          </tr>
        ))}
      </Table>
    </Card>
  )
}

type UnderWayProps = NonNullable<WorkerStatus['underWay']> & { readonly parked: number }

/** Of payments across partitions that this one coordinates: the oldest, and what it made nothing of. */
function UnderWay({ open, oldestMs, parked }: UnderWayProps) {
  if (open === 0 && parked === 0) return null
  return (
    <span className="block text-xs text-ink-faint">
      {open > 0 ? `oldest ${Math.round(oldestMs / 1000)} s` : null}
      {parked > 0 ? ` ${parked} parked` : null}
    </span>
  )
}

/** It has it next: nobody has to do anything. */
function isFollower({ part, phase }: WorkerStatus): boolean {
  return part === 'follow' && phase === 'waiting for the lease'
}

function toneOf(worker: WorkerStatus) {
  const { phase, stopped } = worker
  if (stopped !== null) return 'bad'
  if (isFollower(worker)) return 'plain'
  return phase === 'serving' ? 'good' : 'warn'
}

/** Records that do not count, by reason, and the newest of them. */
export function VoidList({ workers }: { readonly workers: readonly WorkerStatus[] }) {
  const last = workers.flatMap(({ partition, voids }) => voids.last.map((seen) => ({ partition, ...seen })))
  const inLog = workers.reduce((total, { voids }) => total + voids.inLog, 0)
  if (last.length === 0) {
    return (
      <EmptyState title="No void record since the start">
        The logs hold {figure(inLog)} void records in all. One appears when a worker was deposed while it appended.
      </EmptyState>
    )
  }
  return (
    <Card className="overflow-hidden">
      <Table
        label="Void records"
        columns={[
          { name: 'Seen' },
          { name: 'Reason' },
          { name: 'Partition', align: 'right' },
          { name: 'Offset', align: 'right' },
        ]}
      >
        {last.map((seen) => (
          <tr key={`${seen.partition}/${seen.offset}`}>
            <Cell>
              <Instant at={seen.seenAt} />
            </Cell>
            <Cell>
              <Badge tone={AlarmReason.safeParse(seen.reason).success ? 'bad' : 'plain'}>
                {seen.reason.replaceAll('_', ' ')}
              </Badge>
            </Cell>
            <Cell align="right">{seen.partition}</Cell>
            <Cell align="right">{seen.offset}</Cell>
          </tr>
        ))}
      </Table>
    </Card>
  )
}
