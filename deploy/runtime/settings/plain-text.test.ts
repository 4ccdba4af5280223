import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { GivenValue } from './given.ts'
import { plainTextFaults } from './plain-text.ts'

const certificate = { TLS_CERT_FILE: 'a', TLS_KEY_FILE: 'b', TLS_CA_FILE: 'c' }
const database = 'postgres://role@database/accounts?sslmode=verify-full&sslrootcert=ca.crt'
const worker = {
  ...{ ...certificate, HOST: '0.0.0.0', LEASE_DATABASE_URL: database },
  ...{ LOG: 'kafka', KAFKA_SECURITY: 'sasl_ssl', ADVERTISED_URL: 'https://worker-1:8080' },
}
const gateway = {
  ...{ ...certificate, HOST: '127.0.0.1', TRUSTED_PROXIES: '127.0.0.1', REDIS_URL: 'rediss://redis:6379' },
  ...{ WRITE_SIDE_URL: 'https://one:8080,https://two:8080', ACCOUNTS_URL: 'https://accounts:8080' },
  PROJECTIONS_URLS: 'accounts=https://accounts-projection:8080',
}

function faulty(service: string, settings: Readonly<Record<string, string>>): readonly string[] {
  const given = Object.entries(settings).map(([name, value]): [string, GivenValue] => [name, { value, from: 'here' }])
  return plainTextFaults(service, new Map(given)).map(({ name }) => name)
}

test('what is encrypted is taken', () => {
  assert.deepEqual(faulty('write-side', worker), [])
  assert.deepEqual(faulty('gateway', gateway), [])
  const byItself = { ...gateway, HOST: '0.0.0.0', TRUSTED_PROXIES: '', PUBLIC_TLS_CERT_FILE: 'e' }
  assert.deepEqual(faulty('gateway', byItself), [])
  assert.deepEqual(faulty('write-side', { ...worker, KAFKA_SECURITY: 'ssl', KAFKA_CERT_FILE: 'd' }), [])
  assert.deepEqual(faulty('write-side', { ...certificate, LOG: 'postgres', LOG_DATABASE_URL: database }), [])
})

for (const [service, settings, name] of [
  ['write-side', { ...worker, TLS_CERT_FILE: '' }, 'TLS_CERT_FILE'],
  ['write-side', { ...worker, KAFKA_SECURITY: 'plaintext' }, 'KAFKA_SECURITY'],
  ['write-side', { ...worker, KAFKA_SECURITY: 'ssl' }, 'KAFKA_SECURITY'],
  ['write-side', { ...worker, LEASE_DATABASE_URL: 'postgres://role@database/accounts' }, 'LEASE_DATABASE_URL'],
  ['write-side', { ...worker, LEASE_DATABASE_URL: 'postgres://database/a?sslmode=require' }, 'LEASE_DATABASE_URL'],
  ['write-side', { ...worker, LOG: 'eventstoredb', EVENTSTORE_URL: 'esdb://one:2113?tls=false' }, 'EVENTSTORE_URL'],
  ['write-side', { ...worker, ADVERTISED_URL: 'http://worker-1:8080' }, 'ADVERTISED_URL'],
  ['gateway', { ...gateway, HOST: '0.0.0.0' }, 'HOST'],
  ['gateway', { ...gateway, TRUSTED_PROXIES: '' }, 'TRUSTED_PROXIES'],
  ['gateway', { ...gateway, REDIS_URL: 'redis://redis:6379' }, 'REDIS_URL'],
  ['gateway', { ...gateway, WRITE_SIDE_URL: 'https://one:8080, http://two:8080' }, 'WRITE_SIDE_URL'],
  ['gateway', { ...gateway, AUDIT_URL: 'dns+http://audit:8080' }, 'AUDIT_URL'],
  ['gateway', { ...gateway, PROJECTIONS_URLS: 'accounts=http://projection:8080' }, 'PROJECTIONS_URLS'],
] as const) {
  const value = settings[name as keyof typeof settings]
  test(`"${value}" is refused as ${name} of the ${service}`, () => {
    assert.deepEqual(faulty(service, settings), [name])
  })
}
