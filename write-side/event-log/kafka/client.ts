import type { Logger } from '@micropay/runtime/logger'
import kafkajs, { type Kafka, type LogEntry } from 'kafkajs'

/**
 * A kafkajs client whose own log lines go to `log`, one level lower than kafkajs thinks: what it calls an error is
 * mostly retried, and what is not reaches our code as one.
 */
export function createKafkaClient(brokers: readonly string[], requestTimeoutMs: number, log: Logger): Kafka {
  return new kafkajs.Kafka({
    brokers: [...brokers],
    clientId: 'micropay-event-log',
    connectionTimeout: 3_000,
    requestTimeout: requestTimeoutMs,
    retry: { retries: 5, initialRetryTime: 100, maxRetryTime: 1_000 },
    logLevel: log.isLevelEnabled('debug') ? kafkajs.logLevel.INFO : kafkajs.logLevel.WARN,
    logCreator: () => (entry) => writeTo(log, entry),
  })
}

function writeTo(log: Logger, { namespace, level, log: content }: LogEntry): void {
  const { message, timestamp: _, logger: __, stack: ___, ...details } = content
  const line = { kafkajs: namespace, ...details }
  // Mostly that another process was first, which is no fault; what else it is, createTopics throws.
  if (details.error === 'Topic creation errors') log.debug(line, message)
  else if (level === kafkajs.logLevel.ERROR) log.warn(line, message)
  else if (level === kafkajs.logLevel.WARN) log.info(line, message)
  else log.debug(line, message)
}
