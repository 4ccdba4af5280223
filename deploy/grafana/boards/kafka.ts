import { atMost, type Board, noneIsNormal, oneIsNormal, rate } from '../board.ts'

export const kafka: Board = {
  uid: 'micropay-kafka',
  title: 'MicroPay: Kafka',
  description: 'Whether the log is as many times there as it must be, how fast it answers, and how it grows.',
  rows: [
    {
      title: 'Is it whole',
      panels: [
        {
          title: 'Below min.insync.replicas',
          description: 'Partitions that take no write now. None is normal.',
          unit: 'short',
          kind: 'figure',
          queries: [{ expr: 'sum(kafka_under_min_insync_partitions)', legend: 'partitions' }],
          steps: noneIsNormal,
          runbook: 'operations.md#a-partition-that-is-not-served',
        },
        {
          title: 'Under-replicated',
          description:
            'Fewer brokers have all of it than should. None is normal, some for minutes while a broker restarts.',
          unit: 'short',
          kind: 'figure',
          queries: [{ expr: 'sum(kafka_under_replicated_partitions)', legend: 'partitions' }],
          steps: noneIsNormal,
          runbook: 'operations.md#backup-and-restore',
        },
        {
          title: 'Without a leader',
          description: 'Partitions that nobody can read or write. None is normal.',
          unit: 'short',
          kind: 'figure',
          queries: [{ expr: 'max(kafka_offline_partitions)', legend: 'partitions' }],
          steps: noneIsNormal,
          runbook: 'operations.md#a-partition-that-is-not-served',
        },
        {
          title: 'Active controllers',
          description: 'One in the whole cluster.',
          unit: 'short',
          kind: 'figure',
          queries: [{ expr: 'sum(kafka_active_controllers)', legend: 'controllers' }],
          steps: [...oneIsNormal, { from: 2, color: 'red' }],
          runbook: 'operations.md#a-partition-that-is-not-served',
        },
        {
          title: 'Disks that failed',
          description: 'Log directories of brokers that are offline.',
          unit: 'short',
          kind: 'figure',
          queries: [{ expr: 'sum(kafka_offline_log_directories)', legend: 'directories' }],
          steps: noneIsNormal,
          runbook: 'operations.md#backup-and-restore',
        },
        {
          title: 'Appends that were refused',
          description: 'Produce requests that failed at a broker.',
          unit: 'ops',
          queries: [{ expr: `sum by (instance) (${rate('kafka_failed_produce_total')})`, legend: '{{instance}}' }],
          runbook: 'operations.md#what-to-look-at',
        },
      ],
    },
    {
      title: 'How it does',
      panels: [
        {
          title: 'How long requests take',
          description: '99 of a hundred take no longer. A consumer that waits for news counts its wait.',
          unit: 's',
          queries: [
            {
              expr: 'max by (request) (kafka_request_seconds{quantile="0.99"})',
              legend: '{{request}}',
            },
          ],
          runbook: 'performance.md',
        },
        {
          title: 'Request handlers idle',
          description: 'Below 0.3 a broker is short of them.',
          unit: 'percentunit',
          queries: [{ expr: 'min by (instance) (kafka_request_handlers_idle_ratio)', legend: '{{instance}}' }],
          steps: [
            { from: 0, color: 'red' },
            { from: 0.3, color: 'green' },
          ],
          runbook: 'scaling.md',
        },
        {
          title: 'Bytes in by topic',
          description: 'What producers send.',
          unit: 'Bps',
          queries: [{ expr: `sum by (topic) (${rate('kafka_topic_bytes_in_total')})`, legend: '{{topic}}' }],
          runbook: 'performance.md',
        },
        {
          title: 'Bytes out by topic',
          description: 'What readers fetch: workers, projections, the audit.',
          unit: 'Bps',
          queries: [{ expr: `sum by (topic) (${rate('kafka_topic_bytes_out_total')})`, legend: '{{topic}}' }],
          runbook: 'performance.md',
        },
        {
          title: 'Records by topic',
          description: 'As they are appended.',
          unit: 'ops',
          queries: [{ expr: `sum by (topic) (${rate('kafka_topic_messages_in_total')})`, legend: '{{topic}}' }],
          runbook: 'performance.md',
        },
        {
          title: 'Size by topic',
          description: 'On the disks of all brokers. The ledger is never deleted.',
          unit: 'bytes',
          queries: [{ expr: 'sum by (topic) (kafka_log_size_bytes)', legend: '{{topic}}' }],
          runbook: 'scaling.md',
        },
        {
          title: 'Ends of partitions',
          description: 'An end that falls is lost history.',
          unit: 'short',
          queries: [
            {
              expr: 'max by (topic, partition) (kafka_log_end_offset{topic!~"__.*"})',
              legend: '{{topic}} {{partition}}',
            },
          ],
          runbook: 'operations.md#what-stops-the-ledger',
        },
        {
          title: 'Heap',
          description: 'Of each broker, of what it may have.',
          unit: 'percentunit',
          queries: [
            {
              expr: 'max by (instance) (jvm_memory_used_bytes{area="heap"} / jvm_memory_max_bytes{area="heap"})',
              legend: '{{instance}}',
            },
          ],
          steps: atMost(0.8, 0.95),
          runbook: 'scaling.md',
        },
        {
          title: 'Time in garbage collection',
          description: 'Of all time. Above a tenth a broker answers late.',
          unit: 'percentunit',
          queries: [{ expr: `sum by (instance) (${rate('jvm_gc_collection_seconds_sum')})`, legend: '{{instance}}' }],
          steps: atMost(0.05, 0.1),
          runbook: 'scaling.md',
        },
      ],
    },
  ],
}
