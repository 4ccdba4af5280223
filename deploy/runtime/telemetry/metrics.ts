import {
  counter,
  gauge,
  histogram,
  type MeasuredService,
  type Metric,
  measuredServices,
  of,
  type ServiceKind,
} from './metric.ts'

/**
 * Every metric of every service, by the name that Prometheus sees: what is measured is made from its row, and what
 * documents say of it is derived from it. Labels hold few and known values: no account, customer, key or free text.
 */
export const metrics = {
  ...of('all', {
    http_server_request_duration_seconds: histogram(
      ['http_request_method', 'http_route', 'http_response_status_code'],
      [
        'From when a request came until its answer was sent. The route is the pattern, not the path; `none` where',
        'nothing is offered. Of an event stream it is the time until the answer began.',
      ],
    ),
    micropay_ready: gauge([], '1 while /health/ready answers 200, 0 while it answers 503.'),
    micropay_trouble: gauge([], '1 while /health/ready names a trouble, or says that the service is not ready.'),
    micropay_build_info: gauge(['version', 'commit'], 'Always 1: which build this is.'),
    micropay_certificate_expiry_timestamp_seconds: gauge(
      ['certificate'],
      [
        'When a certificate that this process uses ends: `service` of services, `public` of the port of the',
        'gateway.',
      ],
      'certificates are set',
    ),
    nodejs_eventloop_delay_seconds: gauge(
      ['quantile'],
      'How late the event loop was since the last scrape: quantiles 0.5, 0.99, and 1 for the longest.',
    ),
    nodejs_heap_used_bytes: gauge([], 'Memory that objects of JavaScript take.'),
    process_cpu_seconds_total: counter([], 'CPU time, of user and system.'),
    process_resident_memory_bytes: gauge([], 'Memory in RAM.'),
    process_start_time_seconds: gauge([], 'When the process started, in seconds since 1970.'),
  }),
  ...of(['write-side', 'read-side', 'projection'], {
    micropay_postgres_connections: gauge(['pool', 'state'], 'Connections of a pool by state: `used` or `idle`.'),
    micropay_postgres_connections_max: gauge(['pool'], 'Connections that a pool may have.'),
    micropay_postgres_waiting: gauge(['pool'], 'Questions that wait for a connection of a pool.'),
  }),
  ...of(['gateway', 'write-side', 'reconciliation', 'audit', 'projection'], {
    micropay_metrics_source_up: gauge(
      ['source'],
      [
        'Whether what has to be asked for the figures of this table answered lately: 0 where they are missing.',
        '`upstreams` are the services behind the gateway; `parked`, `balances`, `verification` and `projection` are',
        'databases.',
      ],
      'something has to be asked: at the write-side on a ledger of several partitions',
    ),
  }),
  ...of(['gateway'], {
    micropay_upstream_request_duration_seconds: histogram(
      ['upstream', 'kind', 'outcome'],
      [
        'From when the gateway had a request for a service until the answer began, waiting for a place included. The',
        'kind is that of traffic (`read`, `command`, ...); the outcome `answered`, `failed` (500 and above),',
        '`unanswered`, `not_asked` (no place, or the breaker is open) or `caller_gone`.',
      ],
    ),
    micropay_upstream_places: gauge(
      ['upstream', 'kind'],
      'Requests of a kind that may be under way to a service at a time.',
    ),
    micropay_upstream_places_used: gauge(['upstream', 'kind'], 'Requests of a kind that are under way to a service.'),
    micropay_upstream_waiting: gauge(['upstream', 'kind'], 'Requests of a kind that wait for a place.'),
    micropay_breaker_open: gauge(
      ['upstream', 'kind'],
      '1 while a service is not asked for this kind, since it did not answer.',
    ),
    micropay_instance_up: gauge(
      ['upstream', 'address'],
      '1 while an instance of a service is asked, 0 while it is not ready, has failed or is away.',
    ),
    micropay_limited_total: counter(
      ['limit'],
      'Requests that were answered 429: by the limit of a `caller`, of `dry_runs`, or of an `address`.',
    ),
    micropay_shared_memory_up: gauge(
      [],
      '1 while the memory that gateways share answers; of one gateway alone always 1.',
    ),
    micropay_streams_open: gauge([], 'Event streams that are open.'),
    micropay_kept_answers_total: counter(['upstream'], 'Answers of what was kept, while their service was away.'),
  }),
  ...of(['write-side'], {
    micropay_commands_total: counter(
      ['partition', 'outcome'],
      [
        'Commands by what their senders were told: `accepted`, `rejected`, `replayed` (the answer of before to the',
        'same key), `dry_run`, or the code of docs/errors.md for which nothing was decided, or it is not known.',
      ],
    ),
    micropay_payments_total: counter(
      ['partition', 'outcome'],
      [
        'Payments by what became of them, refunds included, where this worker wrote it to the log: `posted`,',
        '`rejected`, `cancelled` or `timed_out` (across partitions, past the deadline).',
      ],
    ),
    micropay_command_queue_length: gauge(['partition'], 'Commands that wait to be decided.'),
    micropay_command_queue_max: gauge(['partition'], 'Commands that may wait; beyond, senders are answered 503.'),
    micropay_append_duration_seconds: histogram(
      ['partition'],
      'How long the log took to acknowledge an append, heartbeats too.',
    ),
    micropay_appends_in_doubt: gauge(
      ['partition'],
      'Commands handed to the log whose outcome has not been known for more than 5 s: 0 while the log answers.',
    ),
    micropay_commits_total: counter(['partition'], 'Commits that this worker appended and that count.'),
    micropay_state_lag_commits: gauge(
      ['partition'],
      'Commits that count and are not in the state on disk yet: a restart reads them again.',
    ),
    micropay_partition_serving: gauge(
      ['partition'],
      '1 at the worker that serves a partition, 0 at all others: the sum over all workers is to be 1.',
    ),
    micropay_partition_stopped: gauge(
      ['partition', 'reason'],
      [
        '1 while a worker decides nothing for a partition until that is mended: `evidence` (the log is not what was',
        'read), `code` (newer code wrote it) or `host` (its clock or disk).',
      ],
    ),
    micropay_void_records_total: counter(
      ['partition', 'reason'],
      'Records of the log that were read and do not count, by the reason of docs/log-protocol.md.',
    ),
    micropay_payments_open: gauge(
      ['partition'],
      'Payments across partitions that this partition coordinates and that are not over.',
    ),
    micropay_payments_overdue: gauge(
      ['partition'],
      'Those of them that wait for another partition more than 30 s past their deadline, once for each.',
    ),
    micropay_payment_open_oldest_seconds: gauge(
      ['partition'],
      'How long this worker has gone on with the oldest of them; 0 where none is open.',
    ),
    micropay_parked_messages: gauge(
      ['partition'],
      'Messages of other partitions that could not be handled, those included that had no room.',
    ),
    micropay_snapshot_age_seconds: gauge(
      ['partition'],
      'Age of the newest snapshot of the state.',
      'SNAPSHOTS is set, and there is one',
    ),
    micropay_snapshot_failed: gauge(
      ['partition'],
      '1 while snapshots cannot be taken or looked for, or one was not to be believed.',
    ),
    micropay_state_discarded: gauge(
      ['partition'],
      '1 since the state on disk was not to be believed, and was folded anew, until the next start.',
    ),
    micropay_record_changed: gauge(['partition'], '1 while a record of the log is not what was read before.'),
  }),
  ...of(['projection'], {
    micropay_projection_lag_commits: gauge(
      ['projection', 'partition'],
      'Records of the log that the live version has not applied yet.',
      'the log answers',
    ),
    micropay_projection_lag_seconds: gauge(
      ['projection', 'partition'],
      'How long ago the live version was last known to have everything; it grows while the log is silent, too.',
    ),
    micropay_projection_stopped: gauge(
      ['projection', 'partition'],
      '1 while the live version stands still until somebody acts.',
    ),
    micropay_projection_records_total: counter(
      ['projection', 'partition'],
      'Records of the log that this worker applied, those of rebuilds included.',
    ),
    micropay_projection_apply_duration_seconds: histogram(
      ['projection', 'partition'],
      'How long a batch took to be written with its checkpoint, its wait for a turn included.',
    ),
    micropay_projection_rebuild_ratio: gauge(
      ['projection'],
      'Which part of the records a version that is being built has, 0 to 1; 1 where none is built.',
    ),
    micropay_projection_rebuild_failed: gauge(
      ['projection'],
      '1 since a rebuild or rollback failed, until one succeeds.',
    ),
  }),
  ...of(['reconciliation'], {
    micropay_imbalance_minor: gauge(
      ['currency'],
      [
        'What the accounts of each tenant, and what is between partitions, sum to, in minor units without its sign,',
        'summed over tenants: must be 0. Read once a minute at most.',
      ],
      'there is an account',
    ),
    micropay_on_its_way_minor: gauge(
      ['currency'],
      'Minor units between two partitions: of each pair and tenant without its sign, summed.',
      'there is an account',
    ),
  }),
  ...of(['audit'], {
    micropay_verification_age_seconds: gauge(
      [],
      [
        'How long ago the partition was verified that was verified longest ago; since the start of the process where',
        'none was.',
      ],
    ),
    micropay_verification_sound: gauge(
      [],
      '0 while the newest verification of a partition has found a fault; 1 also where none was made yet.',
    ),
  }),
}

export type MetricName = keyof typeof metrics
/** What each label of a metric is. */
export type LabelsOf<Name extends MetricName> = Readonly<Record<(typeof metrics)[Name]['labels'][number], string>>
type NamesOf<Kind extends Metric['kind']> = {
  [Name in MetricName]: (typeof metrics)[Name]['kind'] extends Kind ? Name : never
}[MetricName]
/** Those that are told as they happen. */
export type HistogramName = NamesOf<'histogram'>
/** Those that are read when somebody scrapes. */
export type ReadName = NamesOf<'counter' | 'gauge'>

export const metricNames = Object.keys(metrics) as readonly MetricName[]

/** The metrics of a service. */
export function metricsOf(service: MeasuredService): readonly MetricName[] {
  const kinds: readonly ServiceKind[] = measuredServices[service]
  return metricNames.filter((name) => {
    const { of: services } = metrics[name]
    return services === 'all' || services.some((kind) => kinds.includes(kind))
  })
}

/** The unit that a name ends with; undefined of a number of things, and of yes or no. */
export function unitOf(name: MetricName): string | undefined {
  return /_(seconds|bytes|minor|ratio)(?:_total)?$/.exec(name)?.[1]
}
