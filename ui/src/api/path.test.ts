import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pathWith } from './path.ts'

test('a path has the parameters that are set, empty ones too, escaped and in their order', () => {
  assert.equal(pathWith('/v1/payments', {}), '/v1/payments')
  assert.equal(pathWith('/v1/payments', { text: undefined, cursor: undefined }), '/v1/payments')
  assert.equal(pathWith('/v1/payments', { text: 'a&b=ü', limit: 50 }), '/v1/payments?text=a%26b%3D%C3%BC&limit=50')
  assert.equal(pathWith('', { operation: '', zone: 'UTC' }), '?operation=&zone=UTC')
})
