import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConfigError } from '@micropay/runtime/config'
import { kafkaSecurity } from './security-environment.ts'

test('brokers are spoken with in plain text unless it is said otherwise, and never by half', () => {
  assert.equal(kafkaSecurity({}), undefined)
  assert.ok(kafkaSecurity({ KAFKA_SECURITY: 'ssl' })?.tls())
  const login = { KAFKA_USERNAME: 'writer', KAFKA_PASSWORD: 'x' }
  const secured = kafkaSecurity({ KAFKA_SECURITY: 'sasl_ssl', ...login })
  assert.deepEqual([secured?.login?.mechanism, secured?.login?.password()], ['scram-sha-512', 'x'])
  const wrong = [
    login,
    { KAFKA_CA_FILE: '/nowhere' },
    { KAFKA_SECURITY: 'ssl', KAFKA_CA_FILE: '/nowhere' },
    { KAFKA_SECURITY: 'ssl', KAFKA_CERT_FILE: '/nowhere' },
    { KAFKA_SECURITY: 'sasl_ssl' },
    { KAFKA_SECURITY: 'sasl_ssl', KAFKA_USERNAME: 'writer' },
    { KAFKA_SECURITY: 'sasl_ssl', ...login, KAFKA_PASSWORD_FILE: '/nowhere' },
    { KAFKA_SECURITY: 'sasl_ssl', KAFKA_USERNAME: 'writer', KAFKA_PASSWORD_FILE: '/nowhere' },
  ] as const
  for (const config of wrong) assert.throws(() => kafkaSecurity(config), ConfigError, JSON.stringify(config))
})
