import { type Clock, systemClock } from '@micropay/runtime/clock'
import { ConfigError } from '@micropay/runtime/config'
import type { Logger } from '@micropay/runtime/logger'
import { z } from 'zod'
import type { EventLog } from './event-log.ts'
import { checkedConnectionString } from './eventstoredb/connection-string.ts'
import { openEventStoreLog } from './eventstoredb/event-log.ts'
import { openEventStoreInbox } from './eventstoredb/inbox.ts'
import type { Inbox } from './inbox.ts'
import { openKafkaLog } from './kafka/event-log.ts'
import { openKafkaInbox } from './kafka/inbox.ts'
import { type KafkaSecurityEnvironment, kafkaSecurity, kafkaSecurityEnvironment } from './kafka/security-environment.ts'
import { openPostgresLog } from './postgres/event-log.ts'
import { openPostgresInbox } from './postgres/inbox.ts'

/**
 * Opens the event log that the environment names; nothing connects before it is used. Throws ConfigError for a missing
 * variable.
 */
export function openEventLog(config: LogEnvironment, log: Logger, clock: Clock = systemClock): EventLog {
  if (config.LOG === 'postgres') return openPostgresLog({ url: databaseOf(config), clock, log })
  if (config.LOG === 'eventstoredb') return openEventStoreLog({ ...storeOf(config), clock, log })
  return openKafkaLog({
    brokers: brokersOf(config),
    security: kafkaSecurity(config),
    topic: config.KAFKA_TOPIC,
    replication: config.KAFKA_REPLICATION,
    ...(config.KAFKA_MIN_INSYNC === undefined ? {} : { minInSyncReplicas: config.KAFKA_MIN_INSYNC }),
    clock,
    log,
  })
}

/**
 * Opens the inboxes of the partitions of that log, beside it, on connections of their own: they never hold it up.
 * Nothing connects before they are used. Throws ConfigError likewise.
 */
export function openInbox(config: LogEnvironment, log: Logger, clock: Clock = systemClock): Inbox {
  if (config.LOG === 'postgres') return openPostgresInbox({ url: databaseOf(config), clock, log })
  if (config.LOG === 'eventstoredb') return openEventStoreInbox({ ...storeOf(config), clock, log })
  const topic = config.KAFKA_INBOX_TOPIC ?? `${config.KAFKA_TOPIC}.inbox`
  const at = { brokers: brokersOf(config), security: kafkaSecurity(config) }
  return openKafkaInbox({ ...at, topic, replication: config.KAFKA_REPLICATION, clock, log })
}

function databaseOf({ LOG_DATABASE_URL }: LogEnvironment): string {
  if (!LOG_DATABASE_URL) throw new ConfigError('LOG=postgres needs LOG_DATABASE_URL, a postgres:// URL')
  return LOG_DATABASE_URL
}

function brokersOf({ KAFKA_BROKERS }: LogEnvironment): readonly string[] {
  if (!KAFKA_BROKERS) throw new ConfigError('LOG=kafka needs KAFKA_BROKERS, a comma list of host:port')
  return KAFKA_BROKERS
}

function storeOf({ EVENTSTORE_URL, EVENTSTORE_STREAM, EVENTSTORE_MAX_APPEND_BYTES }: LogEnvironment) {
  if (!EVENTSTORE_URL) throw new ConfigError('LOG=eventstoredb needs EVENTSTORE_URL, an esdb:// connection string')
  const url = checkedConnectionString(EVENTSTORE_URL)
  const prefix = EVENTSTORE_STREAM ?? 'micropay'
  const most = EVENTSTORE_MAX_APPEND_BYTES
  return { url, prefix, ...(most === undefined ? {} : { mostAppendBytes: most }) }
}

const brokers = z
  .string()
  .regex(/^[^\s:,]+:[0-9]{1,5}(\s*,\s*[^\s:,]+:[0-9]{1,5})*$/, { error: 'must be a comma list of host:port' })
  .transform((text) => text.split(',').map((broker) => broker.trim()))
const topic = z.string().regex(/^[A-Za-z0-9._-]{1,200}$/, { error: 'must be 1 to 200 letters, digits or . _ -' })
const wrongCopies = { error: 'must be a number of brokers, from 1 to 32' }
const copies = z.coerce.number(wrongCopies).int(wrongCopies).min(1, wrongCopies).max(32, wrongCopies)

const wrongBytes = { error: 'must be a number of bytes from 65536 to 16000000' }

/** The variables that choose the event log, to be spread into the schema of a service's environment. */
export const logEnvironment = {
  LOG: z.enum(['postgres', 'kafka', 'eventstoredb'], { error: 'must be postgres, kafka or eventstoredb' }),
  LOG_DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, { error: 'must be a postgres:// URL' })
    .optional(),
  KAFKA_BROKERS: brokers.optional(),
  KAFKA_TOPIC: topic.default('micropay.ledger'),
  /** That of the inboxes: the log's, with `.inbox` behind it, unless said. */
  KAFKA_INBOX_TOPIC: topic.optional(),
  KAFKA_REPLICATION: copies.default(1),
  /** One fewer than there are copies, unless said. */
  KAFKA_MIN_INSYNC: copies.optional(),
  ...kafkaSecurityEnvironment,
  EVENTSTORE_URL: z
    .string()
    .min(1, { error: 'must be a connection string such as esdb://user:password@host:2113?tls=true' })
    .optional(),
  /** What the names of the ledger's streams begin with: `micropay`, unless said. */
  EVENTSTORE_STREAM: z
    .string()
    .regex(/^[A-Za-z0-9._]{1,100}$/, { error: 'must be 1 to 100 letters, digits, . or _' })
    .optional(),
  /** What goes into one write: somewhat less than the server's MaxAppendSize. */
  EVENTSTORE_MAX_APPEND_BYTES: z.coerce
    .number(wrongBytes)
    .int(wrongBytes)
    .min(65_536, wrongBytes)
    .max(16_000_000, wrongBytes)
    .optional(),
}
const environment = z.object(logEnvironment)
export type LogEnvironment = Omit<z.infer<typeof environment>, keyof KafkaSecurityEnvironment> &
  KafkaSecurityEnvironment
