import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ConfigError, readConfig } from '@micropay/runtime/config'
import { createLogger } from '@micropay/runtime/logger'
import { z } from 'zod'
import { logEnvironment, openEventLog, openInbox } from './open-event-log.ts'

const environment = z.object(logEnvironment)
const log = createLogger('test', 'silent')

describe('the event log that the environment names', () => {
  test('it is the one that LOG says, and nothing connects before it is used', async () => {
    const postgres = readConfig(environment, { LOG: 'postgres', LOG_DATABASE_URL: 'postgres://127.0.0.1:1/none' })
    const kafka = readConfig(environment, { LOG: 'kafka', KAFKA_BROKERS: '127.0.0.1:1' })
    for (const config of [postgres, kafka]) {
      for (const opened of [openEventLog(config, log), openInbox(config, log)]) {
        assert.equal(opened.technology, config.LOG)
        await opened.close()
      }
    }
  })

  test('the brokers are a comma list, the topic is the ledger and one copy is kept, unless said', () => {
    const config = readConfig(environment, { LOG: 'kafka', KAFKA_BROKERS: 'one:9092, two.example.com:9093' })
    assert.deepEqual(config.KAFKA_BROKERS, ['one:9092', 'two.example.com:9093'])
    assert.equal(config.KAFKA_TOPIC, 'micropay.ledger')
    assert.equal(config.KAFKA_REPLICATION, 1)
    assert.equal(config.KAFKA_MIN_INSYNC, undefined)
  })

  test('a log without its address is an error that names the variable', () => {
    for (const [LOG, variable] of Object.entries({ postgres: 'LOG_DATABASE_URL', kafka: 'KAFKA_BROKERS' })) {
      for (const open of [openEventLog, openInbox]) {
        assert.throws(
          () => open(readConfig(environment, { LOG }), log),
          (error) => error instanceof ConfigError && error.message.includes(variable),
        )
      }
    }
  })

  test('what is wrong is named', () => {
    const wrong = {
      LOG: 'memory',
      LOG_DATABASE_URL: 'mysql://x',
      KAFKA_BROKERS: 'one,two',
      KAFKA_TOPIC: 'no spaces',
      KAFKA_INBOX_TOPIC: 'no/slashes',
      KAFKA_REPLICATION: '0',
      KAFKA_MIN_INSYNC: 'many',
    }
    assert.throws(
      () => readConfig(environment, wrong),
      (error) => Object.keys(wrong).every((variable) => String(error).includes(variable)),
    )
  })
})
