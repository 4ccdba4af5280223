import assert from 'node:assert/strict'
import { test } from 'node:test'
import { serviceNamed, spiffeId } from './spiffe.ts'

test('a certificate is of the service that its one SPIFFE id names', () => {
  assert.equal(serviceNamed(`URI:${spiffeId('gateway')}`), 'gateway')
  assert.equal(serviceNamed(`DNS:localhost, URI:${spiffeId('write-side')}, IP Address:127.0.0.1`), 'write-side')
})

test('a certificate is of no service that names none, two, one of elsewhere or one inside another name', () => {
  const none = [
    undefined,
    'DNS:gateway',
    'DNS:spiffe://micropay.local/gateway',
    'URI:spiffe://other.example/gateway',
    'URI:spiffe://micropay.local/gateway/of-a-stranger',
    'URI:spiffe://micropay.local/',
    `URI:${spiffeId('gateway')}, URI:${spiffeId('accounts')}`,
    `URI:${spiffeId('gateway')}, URI:https://example.com/`,
    `URI:"x, URI:${spiffeId('gateway')}, y"`,
  ]
  for (const names of none) assert.equal(serviceNamed(names), undefined, names)
})
