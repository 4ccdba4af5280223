import { createKafkaClient } from '@micropay/event-log/kafka/client'
import { grantRights } from '@micropay/event-log/kafka/grant-rights'
import { kafkaSecurity } from '@micropay/event-log/kafka/security-environment'
import { logEnvironment } from '@micropay/event-log/open-event-log'
import { systemClock } from '@micropay/runtime/clock'
import { ConfigError, readConfig } from '@micropay/runtime/config'
import { createLogger } from '@micropay/runtime/logger'
import { formatIn } from '@micropay/runtime/settings/own-settings'
import { z } from 'zod'

/**
 * Gives the users WRITER and READER of a Kafka broker their rights on the topics of the ledger. KAFKA_USERNAME is an
 * administrator. It may run again at any time: what is there stays.
 */
const log = createLogger('log-rights', process.env.LOG_LEVEL || 'info', process.stdout, formatIn(process.env))
const missing = { error: 'must name a user of the broker' }
const user = z.string(missing).min(1, missing)
try {
  const config = readConfig(z.object({ ...logEnvironment, WRITER: user, READER: user }), process.env)
  if (config.LOG === 'kafka') {
    const { KAFKA_BROKERS: brokers = [], KAFKA_TOPIC: topic, WRITER, READER } = config
    const bounds = { requestTimeoutMs: 10_000, silentMs: 10_000 }
    const client = createKafkaClient({ brokers, ...bounds, security: kafkaSecurity(config), clock: systemClock, log })
    await grantRights(client, topic, WRITER, READER)
    log.info({ topic, writer: WRITER, reader: READER }, 'the rights on the ledger are there')
  }
} catch (error) {
  if (error instanceof ConfigError) log.fatal(error.message)
  else log.fatal({ err: error }, 'the rights on the ledger could not be given')
  process.exitCode = 1
}
