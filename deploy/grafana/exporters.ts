type Labels = readonly string[]

/**
 * What the boards take from exporters that are not ours, with its labels: the names that these have in the versions of
 * docs/operations.md.
 */
export const exporters = {
  /** Java agent inside each broker, by deploy/kafka/jmx-exporter.yml. */
  kafka: {
    ...one(['topic'], 'kafka_topic_messages_in_total', 'kafka_topic_bytes_in_total', 'kafka_topic_bytes_out_total'),
    ...one([], 'kafka_failed_produce_total', 'kafka_under_replicated_partitions', 'kafka_under_min_insync_partitions'),
    ...one([], 'kafka_offline_partitions', 'kafka_active_controllers', 'kafka_offline_log_directories'),
    ...one(['request', 'quantile'], 'kafka_request_seconds'),
    ...one([], 'kafka_request_handlers_idle_ratio'),
    ...one(['topic', 'partition'], 'kafka_log_size_bytes', 'kafka_log_end_offset'),
    ...one(['area'], 'jvm_memory_used_bytes', 'jvm_memory_max_bytes'),
    ...one(['gc'], 'jvm_gc_collection_seconds_sum'),
  },
  /** Debian's prometheus-postgres-exporter, one for each server. */
  postgres: {
    ...one([], 'pg_up', 'pg_settings_max_connections'),
    ...one(['datname'], 'pg_stat_database_numbackends', 'pg_stat_database_xact_commit', 'pg_database_size_bytes'),
    ...one(['datname'], 'pg_stat_database_xact_rollback', 'pg_stat_database_deadlocks'),
    ...one(['datname'], 'pg_stat_database_blks_hit', 'pg_stat_database_blks_read', 'pg_stat_database_temp_bytes'),
    ...one(['datname', 'state'], 'pg_stat_activity_count', 'pg_stat_activity_max_tx_duration'),
    ...one(['datname', 'mode'], 'pg_locks_count'),
  },
  /** Debian's prometheus-node-exporter, one for each host. */
  node: {
    ...one(['cpu', 'mode'], 'node_cpu_seconds_total'),
    ...one([], 'node_load1', 'node_memory_MemAvailable_bytes', 'node_memory_MemTotal_bytes'),
    ...one(['mountpoint', 'fstype', 'device'], 'node_filesystem_avail_bytes', 'node_filesystem_size_bytes'),
    ...one(['device'], 'node_disk_io_time_seconds_total'),
    ...one(['device'], 'node_network_receive_bytes_total', 'node_network_transmit_bytes_total'),
    ...one([], 'node_filefd_allocated', 'node_filefd_maximum', 'node_timex_offset_seconds', 'node_timex_sync_status'),
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, Labels>>>>

function one(labels: Labels, ...names: readonly string[]): Readonly<Record<string, Labels>> {
  return Object.fromEntries(names.map((name) => [name, labels]))
}
