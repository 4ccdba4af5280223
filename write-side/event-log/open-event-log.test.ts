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
    const EVENTSTORE_URL = 'kurrentdb://ada:secret@127.0.0.1:1?tls=false'
    const store = readConfig(environment, { LOG: 'eventstoredb', EVENTSTORE_URL })
    for (const config of [postgres, kafka, store]) {
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
    const addresses = { postgres: 'LOG_DATABASE_URL', kafka: 'KAFKA_BROKERS', eventstoredb: 'EVENTSTORE_URL' }
    for (const [LOG, variable] of Object.entries(addresses)) {
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
      EVENTSTORE_STREAM: 'with-a-dash',
      EVENTSTORE_MAX_APPEND_BYTES: '1',
    }
    assert.throws(
      () => readConfig(environment, wrong),
      (error) => Object.keys(wrong).every((variable) => String(error).includes(variable)),
    )
  })

  test('what a connection string must not say is named without its password', () => {
    const wrong = {
      'http://ada:secret@one:2113': /must be a connection string/,
      'esdb://ada:secret@one?tls=true&tlsVerifyCert=false': /tlsCAFile/,
      'esdb://ada:secret@one?nodePreference=follower': /nodePreference/,
      'esdb://ada:secret@one?throwOnAppendFailure=false': /throwOnAppendFailure/,
      'esdb://ada:secret@one?retries=3': /not known: retries/,
      'esdb://ada:secret@one?tls=yes': /cannot be read/,
      'esdb://ada:secret@one:port': /cannot be read/,
      'esdb://ada:%secret@one': /cannot be read/,
      'esdb://ada:top:secret@one': /%3A/,
      'esdb://ada:secre?secret@one': /%3F/,
      'esdb://ada:secret@one?tlsCAFile=/no/such/file': /cannot be read: tlsCAFile/,
    }
    for (const [EVENTSTORE_URL, said] of Object.entries(wrong)) {
      assert.throws(
        () => openEventLog(readConfig(environment, { LOG: 'eventstoredb', EVENTSTORE_URL }), log),
        (error) => error instanceof ConfigError && said.test(error.message) && !error.message.includes('secret'),
      )
    }
  })
})
