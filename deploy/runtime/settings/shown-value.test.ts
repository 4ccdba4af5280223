import assert from 'node:assert/strict'
import { test } from 'node:test'
import { shownValue } from './shown-value.ts'

test('nobody is shown a secret, a password in an address, or a token in its query', () => {
  const hidden = {
    OIDC_CLIENT_SECRET: 'hidden',
    REQUEST_HASH_KEY: 'hidden',
    AWS_SECRET_ACCESS_KEY: 'hidden',
    AWS_ACCESS_KEY_ID: 'hidden',
    ACCOUNTS_DATABASE_URL: 'postgres://user:hidden@host/accounts',
    LEASE_DATABASE_URL: 'postgres://host/leases?sslmode=verify-full&password=hidden',
    EVENTSTORE_URL: 'esdb://user:hidd/en@one:2113,two:2113?tls=true',
    WRITE_SIDE_URL: 'http://user:hidden@one:8081,http://other:hidden@two:8081',
    CONFIG_URL: 'https://reader:hi@dden@config',
  }
  for (const [name, value] of Object.entries(hidden)) {
    assert.doesNotMatch(shownValue(name, value), /hid|dden|user|reader/, `${name}: ${shownValue(name, value)}`)
  }
  assert.equal(shownValue('LEASE_DATABASE_URL', 'postgres://u:p@host/leases'), 'postgres://…@host/leases')
})

test('all else is shown as it is', () => {
  const shown = {
    TLS_KEY_FILE: '/run/secrets/tls.key',
    ACCOUNTS_URL: 'http://one:8083,http://two:8083',
    KAFKA_BROKERS: 'one:9092,two:9092',
    OIDC_SCOPE: 'openid profile',
    OIDC_TOKEN_ALGORITHMS: 'ES256,PS256',
  }
  for (const [name, value] of Object.entries(shown)) assert.equal(shownValue(name, value), value)
})
