import { atMost, type Board, noneIsNormal, quantile, rate } from '../board.ts'
import { processRow } from './process-row.ts'

const some = 'partition=~"$partition"'

export const writeSide: Board = {
  uid: 'micropay-write-side',
  title: 'MicroPay: write side',
  description: 'Who serves each partition, how fast the log takes what is decided, and what is evidence of harm.',
  choices: [{ label: 'partition', of: 'micropay_partition_serving' }],
  rows: [
    {
      title: 'Partitions',
      panels: [
        {
          title: 'Not served',
          description: 'Partitions that no worker serves. None is normal; some for seconds while they change hands.',
          unit: 'short',
          kind: 'figure',
          queries: [
            { expr: 'count(sum by (partition) (micropay_partition_serving) == 0) or vector(0)', legend: 'not served' },
          ],
          steps: noneIsNormal,
          runbook: 'runbooks/partition-not-served.md',
        },
        {
          title: 'Stopped',
          description: 'A worker decides nothing for these until somebody acts. None is normal.',
          unit: 'short',
          queries: [
            {
              expr: `max by (partition, reason) (micropay_partition_stopped{${some}})`,
              legend: '{{partition}} {{reason}}',
            },
          ],
          steps: noneIsNormal,
          runbook: 'runbooks/partition-stopped.md',
        },
        {
          title: 'Partitions of each worker',
          description: 'As even as their number allows.',
          unit: 'short',
          queries: [{ expr: 'sum by (instance) (micropay_partition_serving)', legend: '{{instance}}' }],
          runbook: 'scaling.md#several-workers',
        },
      ],
    },
    {
      title: 'From the queue to the log',
      panels: [
        {
          title: 'Commands that wait, of a full queue',
          description: 'At 1 senders are answered 503. Near 0 is normal.',
          unit: 'percentunit',
          queries: [
            {
              expr: `max by (partition) (micropay_command_queue_length{${some}} / micropay_command_queue_max{${some}})`,
              legend: '{{partition}}',
            },
          ],
          steps: atMost(0.5, 0.9),
          runbook: 'scaling.md',
        },
        {
          title: 'How long an append takes',
          description: 'Until the log acknowledged it. Tens of milliseconds at most are normal.',
          unit: 's',
          queries: [
            { expr: quantile(0.5, 'micropay_append_duration_seconds', { where: some }), legend: '50 of a hundred' },
            { expr: quantile(0.99, 'micropay_append_duration_seconds', { where: some }), legend: '99 of a hundred' },
          ],
          steps: atMost(0.1, 1),
          runbook: 'runbooks/commands-slow.md',
        },
        {
          title: 'In doubt',
          description: 'Commands handed to the log whose outcome has not been known for 5 s. 0 while the log answers.',
          unit: 'short',
          queries: [{ expr: `sum by (partition) (micropay_appends_in_doubt{${some}})`, legend: '{{partition}}' }],
          steps: atMost(1, 1000),
          runbook: 'runbooks/appends-in-doubt.md',
        },
        {
          title: 'Commits',
          description: 'What this worker appended and what counts.',
          unit: 'ops',
          queries: [
            { expr: `sum by (partition) (${rate(`micropay_commits_total{${some}}`)})`, legend: '{{partition}}' },
          ],
          runbook: 'performance.md',
        },
        {
          title: 'Commits that a restart reads again',
          description: 'The state on disk is behind the log by so many.',
          unit: 'short',
          queries: [{ expr: `max by (partition) (micropay_state_lag_commits{${some}})`, legend: '{{partition}}' }],
          runbook: 'operations.md#the-state-on-disk',
        },
        {
          title: 'Parked messages',
          description: 'What partitions told each other and could not be handled. None is normal.',
          unit: 'short',
          queries: [{ expr: 'sum by (partition) (micropay_parked_messages)', legend: '{{partition}}' }],
          steps: noneIsNormal,
          runbook: 'runbooks/messages-parked.md',
        },
      ],
    },
    {
      title: 'Evidence of harm',
      panels: [
        {
          title: 'A record of the log has changed',
          description: '1 while a record is not what was read before.',
          unit: 'short',
          kind: 'figure',
          queries: [{ expr: 'max(micropay_record_changed)', legend: 'changed' }],
          steps: noneIsNormal,
          runbook: 'runbooks/record-changed.md',
        },
        {
          title: 'The state on disk was put aside',
          description: '1 since it was not to be believed, until the next start.',
          unit: 'short',
          kind: 'figure',
          queries: [{ expr: 'max(micropay_state_discarded)', legend: 'put aside' }],
          steps: noneIsNormal,
          runbook: 'runbooks/state-discarded.md',
        },
        {
          title: 'Snapshots fail',
          description: '1 while they cannot be taken or looked for, or one was not to be believed.',
          unit: 'short',
          kind: 'figure',
          queries: [{ expr: 'max(micropay_snapshot_failed)', legend: 'fail' }],
          steps: noneIsNormal,
          runbook: 'runbooks/snapshot-failed.md',
        },
        {
          title: 'Age of the newest snapshot',
          description:
            'Nothing where SNAPSHOTS is not set. No more than SNAPSHOT_EVERY_MINUTES while there are payments.',
          unit: 's',
          queries: [{ expr: 'min by (partition) (micropay_snapshot_age_seconds)', legend: '{{partition}}' }],
          runbook: 'runbooks/snapshot-old.md',
        },
      ],
    },
    processRow('write-side'),
  ],
}
