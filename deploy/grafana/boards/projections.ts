import { atMost, type Board, noneIsNormal, oneIsNormal, quantile, rate } from '../board.ts'
import { processRow } from './process-row.ts'

export const projections: Board = {
  uid: 'micropay-projections',
  title: 'MicroPay: read models',
  description: 'How far read models are behind the log, what stands still, and what a rebuild does.',
  rows: [
    {
      title: 'How current',
      panels: [
        {
          title: 'Behind, in seconds',
          description: 'How long ago the live version had everything. Below a second is normal.',
          unit: 's',
          queries: [{ expr: 'max by (projection) (micropay_projection_lag_seconds)', legend: '{{projection}}' }],
          steps: atMost(10, 60),
          runbook: 'runbooks/projection-lagging.md',
        },
        {
          title: 'Behind, in records',
          description: 'Records of the log that the live version has not applied.',
          unit: 'short',
          queries: [
            {
              expr: 'sum by (projection) (micropay_projection_lag_commits)',
              legend: '{{projection}}',
            },
          ],
          runbook: 'runbooks/projection-lagging.md',
        },
        {
          title: 'Stands still',
          description: 'Until somebody acts. None is normal.',
          unit: 'short',
          queries: [
            {
              expr: 'max by (projection, partition) (micropay_projection_stopped)',
              legend: '{{projection}} {{partition}}',
            },
          ],
          steps: noneIsNormal,
          runbook: 'runbooks/projection-stopped.md',
        },
      ],
    },
    {
      title: 'Work',
      panels: [
        {
          title: 'Records applied',
          description: 'Those of rebuilds included.',
          unit: 'ops',
          queries: [
            {
              expr: `sum by (projection) (${rate('micropay_projection_records_total')})`,
              legend: '{{projection}}',
            },
          ],
          runbook: 'performance.md',
        },
        {
          title: 'How long a batch takes',
          description: '99 of a hundred take no longer, the wait for their turn included.',
          unit: 's',
          queries: [
            {
              expr: quantile(0.99, 'micropay_projection_apply_duration_seconds', { by: ['projection'] }),
              legend: '{{projection}}',
            },
          ],
          runbook: 'performance.md',
        },
        {
          title: 'Rebuild',
          description: 'Which part of the records a version that is being built has; 1 where none is built.',
          unit: 'percentunit',
          queries: [{ expr: 'min by (projection) (micropay_projection_rebuild_ratio)', legend: '{{projection}}' }],
          runbook: 'operations.md#rebuilding-a-read-model',
        },
        {
          title: 'A rebuild failed',
          description: '1 since it did, until one succeeds.',
          unit: 'short',
          kind: 'figure',
          queries: [{ expr: 'max by (projection) (micropay_projection_rebuild_failed)', legend: '{{projection}}' }],
          steps: noneIsNormal,
          runbook: 'runbooks/rebuild-failed.md',
        },
      ],
    },
    {
      title: 'Databases, as services see them',
      panels: [
        {
          title: 'Connections in use, of a full pool',
          description: 'At 1 questions wait.',
          unit: 'percentunit',
          queries: [
            {
              expr:
                'max by (job, pool) (micropay_postgres_connections{state="used"} ' +
                '/ ignoring (state) micropay_postgres_connections_max)',
              legend: '{{job}} {{pool}}',
            },
          ],
          steps: atMost(0.8, 1),
          runbook: 'runbooks/postgres-pool-waiting.md',
        },
        {
          title: 'Questions that wait',
          description: 'For a connection of a pool. Near 0 is normal.',
          unit: 'short',
          queries: [{ expr: 'sum by (job, pool) (micropay_postgres_waiting)', legend: '{{job}} {{pool}}' }],
          steps: atMost(5, 50),
          runbook: 'runbooks/postgres-pool-waiting.md',
        },
        {
          title: 'Figures that could be read',
          description: '0 where what has to be asked for the figures of these boards did not answer: they are missing.',
          unit: 'short',
          queries: [{ expr: 'min by (job, source) (micropay_metrics_source_up)', legend: '{{job}} {{source}}' }],
          steps: oneIsNormal,
          runbook: 'runbooks/metrics-source-away.md',
        },
      ],
    },
    processRow('.*-projection|accounts|reconciliation|audit'),
  ],
}
