import assert from 'node:assert/strict'
import { test } from 'node:test'
import { advertisedUrl } from './advertised-url.ts'

const shape = { netmask: '255.0.0.0', mac: '00:00:00:00:00:00', family: 'IPv4', cidr: null } as const
const interfaces = {
  lo: [{ ...shape, address: '127.0.0.1', internal: true }],
  eth0: [{ ...shape, address: '10.0.0.7', internal: false }],
}

test('a worker that listens everywhere is reached at its address in the network, others where they listen', () => {
  assert.equal(advertisedUrl('http://0.0.0.0:8080', interfaces), 'http://10.0.0.7:8080')
  assert.equal(advertisedUrl('http://[::]:8080', interfaces), 'http://10.0.0.7:8080')
  assert.equal(advertisedUrl('http://0.0.0.0:8080', { lo: interfaces.lo }), 'http://127.0.0.1:8080')
  assert.equal(advertisedUrl('http://127.0.0.1:8081', interfaces), 'http://127.0.0.1:8081')
  assert.equal(advertisedUrl('http://worker-1:8081', interfaces), 'http://worker-1:8081')
})
