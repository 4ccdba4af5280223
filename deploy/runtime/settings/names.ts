/** Each service, as docs/deployment.md calls it: a section of a configuration file, an application of a server. */
export const serviceNames: readonly string[] = [
  ...['issuer', 'write-side', 'gateway', 'accounts', 'reconciliation', 'audit'],
  ...['accounts-projection', 'reconciliation-projection', 'audit-projection'],
]

/** Where the others come from, so only the environment can say them. */
export const ofEnvironmentAlone = [
  'CONFIG_FILE',
  'CONFIG_URL',
  'CONFIG_PROFILE',
  'CONFIG_KEPT',
  'CONFIG_REFRESH_SECONDS',
]

/**
 * Every setting of any service. What is shared by several services may hold a setting that one of them does not read,
 * but no name that nobody knows. A test compares it with the schemas.
 */
export const settingNames: readonly string[] = [
  ...['MICROPAY_MODE', 'PORT', 'HOST', 'LOG_LEVEL', 'LOG_FORMAT', 'PUBLIC_URL'],
  ...['OIDC_ISSUER', 'OIDC_AUDIENCE', 'OIDC_CLIENT_ID', 'OIDC_CLIENT_SECRET', 'OIDC_SCOPE'],
  ...['WRITE_SIDE_URL', 'ACCOUNTS_URL', 'AUDIT_URL', 'RECONCILIATION_URL', 'PROJECTIONS_URL', 'PROJECTIONS_URLS'],
  ...['UI_DIRECTORY', 'SESSION_SECRET', 'RATE_LIMIT_PER_SECOND', 'CURSOR_SECRET', 'VERIFY_EVERY'],
  ...['LOG', 'LOG_DATABASE_URL', 'KAFKA_BROKERS', 'KAFKA_TOPIC', 'KAFKA_INBOX_TOPIC', 'KAFKA_REPLICATION'],
  ...['KAFKA_MIN_INSYNC', 'EVENTSTORE_URL', 'EVENTSTORE_STREAM', 'EVENTSTORE_MAX_APPEND_BYTES', 'PARTITIONS'],
  ...['LEASE_DATABASE_URL', 'ACCOUNTS_DATABASE_URL', 'AUDIT_DATABASE_URL', 'RECONCILIATION_DATABASE_URL'],
  ...['ADVERTISED_URL', 'STATE_DIRECTORY', 'LEDGER_ID', 'REQUEST_HASH_KEY', 'WORKER_ID', 'WRITE_GENERATION'],
  ...['SNAPSHOTS', 'SNAPSHOT_EVERY', 'SNAPSHOT_EVERY_MINUTES'],
  ...['AWS_ENDPOINT_URL', 'AWS_REGION', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'],
  ...['GATEWAY_URL', 'INSTANCE_ID', 'OIDC_TOKEN_ALGORITHMS', 'SECURITY_LOG_FILE'],
  ...['REDIS_URL', 'SESSION_IDLE_MINUTES', 'SESSION_HOURS', 'ADDRESS_LIMIT_PER_SECOND', 'TRUSTED_PROXIES'],
  ...['KEPT_ANSWERS_MINUTES', 'BALANCE_CACHE_MS', 'CLIENT_CERT_PROXIES', 'STEP_UP_ACR', 'STEP_UP_SECONDS'],
  ...['TLS_CERT_FILE', 'TLS_KEY_FILE', 'TLS_CA_FILE', 'HEALTH_PORT', 'KAFKA_SECURITY', 'KAFKA_CA_FILE', 'METRICS_PORT'],
  ...['KAFKA_CERT_FILE', 'KAFKA_KEY_FILE', 'KAFKA_SASL_MECHANISM', 'KAFKA_USERNAME', 'KAFKA_PASSWORD'],
  ...['PUBLIC_TLS_CERT_FILE', 'PUBLIC_TLS_KEY_FILE', 'PUBLIC_TLS_CLIENTS', 'PUBLIC_TLS_CLIENT_CA_FILE'],
  ...['REGISTRY_URL', 'REGISTRY_RENEW_SECONDS', 'REGISTRY_FETCH_SECONDS'],
  ...['ACCOUNTS_BUILD_DATABASE_URL', 'AUDIT_BUILD_DATABASE_URL', 'RECONCILIATION_BUILD_DATABASE_URL'],
  ...['KAFKA_PASSWORD_FILE', 'ALERTMANAGER_URL'],
  ...['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_HEADERS', 'OTEL_TRACES_SAMPLER', 'OTEL_TRACES_SAMPLER_ARG'],
]
