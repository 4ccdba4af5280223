import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refusePlain } from './production.ts'

const mode = { MICROPAY_MODE: 'production' }
const certificate = { TLS_CERT_FILE: 'a', TLS_KEY_FILE: 'b', TLS_CA_FILE: 'c' }
const database = 'postgres://role@database/accounts?sslmode=verify-full&sslrootcert=ca.crt'
const worker = {
  ...{ ...mode, ...certificate, HOST: '0.0.0.0', OIDC_ISSUER: 'https://login.example', LEASE_DATABASE_URL: database },
  ...{ LOG: 'kafka', KAFKA_SECURITY: 'sasl_ssl', ADVERTISED_URL: 'https://worker-1:8080' },
}
const gateway = {
  ...{ ...mode, ...certificate, HOST: '127.0.0.1', PUBLIC_URL: 'https://pay.example', SESSION_SECRET: 'x' },
  ...{ WRITE_SIDE_URL: 'https://one:8080,https://two:8080', ACCOUNTS_URL: 'https://accounts:8080' },
  PROJECTIONS_URLS: new Map([['accounts', 'https://accounts-projection:8080']]),
}

test('production starts with what is encrypted, and development with anything', () => {
  refusePlain(worker)
  refusePlain(gateway)
  refusePlain({ ...worker, KAFKA_SECURITY: 'ssl', KAFKA_CERT_FILE: 'd' } as typeof worker)
  refusePlain({ MICROPAY_MODE: 'development' })
})

test('production names each setting by which something would go in plain text', () => {
  const wrong: readonly (readonly [RegExp, object])[] = [
    [/TLS_CERT_FILE, /, { ...worker, TLS_CERT_FILE: undefined }],
    [/ {2}KAFKA_SECURITY: sasl_ssl/, { ...worker, KAFKA_SECURITY: 'plaintext' }],
    [/ {2}KAFKA_SECURITY: sasl_ssl/, { ...worker, KAFKA_SECURITY: 'ssl' }],
    [/ {2}LEASE_DATABASE_URL: /, { ...worker, LEASE_DATABASE_URL: 'postgres://role@database/accounts' }],
    [/ {2}LEASE_DATABASE_URL: /, { ...worker, LEASE_DATABASE_URL: 'postgres://database/a?sslmode=require' }],
    [/ {2}EVENTSTORE_URL: /, { ...worker, LOG: 'eventstoredb', EVENTSTORE_URL: 'esdb://one:2113?tls=false' }],
    [/ {2}OIDC_ISSUER: /, { ...worker, OIDC_ISSUER: 'http://login.example' }],
    [/ {2}ADVERTISED_URL: /, { ...worker, ADVERTISED_URL: 'http://worker-1:8080' }],
    [/ {2}HOST: the gateway/, { ...gateway, HOST: '0.0.0.0' }],
    [/ {2}PUBLIC_URL: /, { ...gateway, PUBLIC_URL: 'http://pay.example' }],
    [/ {2}WRITE_SIDE_URL: /, { ...gateway, WRITE_SIDE_URL: 'https://one:8080, http://two:8080' }],
    [/ {2}PROJECTIONS_URLS: /, { ...gateway, PROJECTIONS_URLS: new Map([['accounts', 'http://projection:8080']]) }],
  ]
  for (const [message, config] of wrong) {
    assert.throws(() => refusePlain({ ...mode, ...config }), { code: 'config', message }, String(message))
  }
})
