import { atMost, type Board, noneIsNormal, oneIsNormal, rate } from '../board.ts'

const ours = 'datname!~"template.*"'
const runbook = 'operations.md#roles-of-the-databases'

export const postgresql: Board = {
  uid: 'micropay-postgresql',
  title: 'MicroPay: PostgreSQL',
  description: 'The servers that hold read models and leases, and the log where it is kept there.',
  rows: [
    {
      title: 'Is there room',
      panels: [
        {
          title: 'Answers',
          description: '0 while the exporter cannot ask its server.',
          unit: 'short',
          kind: 'figure',
          queries: [{ expr: 'min by (instance) (pg_up)', legend: '{{instance}}' }],
          steps: oneIsNormal,
          runbook: 'operations.md#readiness',
        },
        {
          title: 'Connections, of all that there may be',
          description: 'At 1 services are refused.',
          unit: 'percentunit',
          queries: [
            {
              expr:
                'sum by (instance) (pg_stat_database_numbackends) ' +
                '/ max by (instance) (pg_settings_max_connections)',
              legend: '{{instance}}',
            },
          ],
          steps: atMost(0.7, 0.9),
          runbook,
        },
        {
          title: 'Connections by state',
          description: 'Those in a transaction that nobody goes on with hold back everything.',
          unit: 'short',
          queries: [{ expr: 'sum by (state) (pg_stat_activity_count)', legend: '{{state}}' }],
          runbook: 'operations.md#silent-connections',
        },
        {
          title: 'Size',
          description: 'Of each database.',
          unit: 'bytes',
          queries: [{ expr: `max by (datname) (pg_database_size_bytes{${ours}})`, legend: '{{datname}}' }],
          runbook: 'scaling.md',
        },
      ],
    },
    {
      title: 'What it does',
      panels: [
        {
          title: 'Transactions',
          description: 'That were committed, by database.',
          unit: 'ops',
          queries: [
            {
              expr: `sum by (datname) (${rate(`pg_stat_database_xact_commit{${ours}}`)})`,
              legend: '{{datname}}',
            },
          ],
          runbook: 'performance.md',
        },
        {
          title: 'Rolled back',
          description: 'Near 0 is normal.',
          unit: 'ops',
          queries: [
            {
              expr: `sum by (datname) (${rate(`pg_stat_database_xact_rollback{${ours}}`)})`,
              legend: '{{datname}}',
            },
          ],
          runbook,
        },
        {
          title: 'The longest transaction',
          description: 'By database and state. Statements of ours are bounded; minutes are somebody else.',
          unit: 's',
          queries: [
            {
              expr: 'max by (datname, state) (pg_stat_activity_max_tx_duration{datname!=""})',
              legend: '{{datname}} {{state}}',
            },
          ],
          steps: atMost(60, 600),
          runbook: 'operations.md#silent-connections',
        },
        {
          title: 'Read from memory',
          description: 'Of all blocks. Near 1 is normal.',
          unit: 'percentunit',
          queries: [
            {
              expr:
                `sum by (datname) (${rate('pg_stat_database_blks_hit{datname!=""}')}) / ` +
                `(sum by (datname) (${rate('pg_stat_database_blks_hit{datname!=""}')}) + ` +
                `sum by (datname) (${rate('pg_stat_database_blks_read{datname!=""}')}) > 0)`,
              legend: '{{datname}}',
            },
          ],
          runbook: 'performance.md',
        },
        {
          title: 'Deadlocks',
          description: 'Since the server started. None is normal.',
          unit: 'short',
          queries: [{ expr: `sum by (datname) (increase(pg_stat_database_deadlocks[1h]))`, legend: '{{datname}}' }],
          steps: noneIsNormal,
          runbook,
        },
        {
          title: 'Locks',
          description: 'By kind. An exclusive one that stays is a rebuild, or somebody with psql.',
          unit: 'short',
          queries: [{ expr: 'sum by (mode) (pg_locks_count)', legend: '{{mode}}' }],
          runbook: 'operations.md#rebuilding-a-read-model',
        },
        {
          title: 'Written to temporary files',
          description: 'Sorts that did not fit into memory.',
          unit: 'Bps',
          queries: [
            { expr: `sum by (datname) (${rate(`pg_stat_database_temp_bytes{${ours}}`)})`, legend: '{{datname}}' },
          ],
          runbook: 'performance.md',
        },
      ],
    },
  ],
}
