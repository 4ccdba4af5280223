import assert from 'node:assert/strict'
import { test } from 'node:test'
import { routes } from '../routes.ts'
import { mergeOpenApi } from './openapi.ts'

const money = { type: 'object', properties: { amount: { type: 'string' }, currency: { type: 'string' } } }
const turned = { properties: { currency: { type: 'string' }, amount: { type: 'string' } }, type: 'object' }
const writeSide = {
  name: 'write-side',
  serves: 'write-side',
  document: {
    paths: { '/v1/payments': { post: { summary: 'Pay' } }, '/internal': { get: { summary: 'Not for callers' } } },
    components: { schemas: { Money: money } },
  },
} as const
const accounts = (schema: unknown) => ({
  name: 'accounts',
  serves: 'accounts' as const,
  document: { paths: { '/v1/payments': { get: { summary: 'List' } } }, components: { schemas: { Money: schema } } },
})

test('a path that two services share has the operations of both, each with its scopes as alternatives', () => {
  const { paths } = mergeOpenApi([writeSide, accounts(turned)], routes, 'http://gateway')
  assert.deepEqual(Object.keys(paths['/v1/payments'] ?? {}), ['post', 'get'])
  assert.deepEqual(paths['/v1/payments']?.post, {
    summary: 'Pay',
    security: [
      { token: ['payments:make'] },
      { session: ['payments:make'] },
      { token: ['payments:book'] },
      { session: ['payments:book'] },
    ],
  })
})

test('what the gateway does not offer is left out, and its own session routes are in', () => {
  const { paths } = mergeOpenApi([writeSide], routes, 'http://gateway')
  assert.equal(paths['/internal'], undefined)
  assert.ok(paths['/session'] && paths['/session/login'] && paths['/session/logout'])
})

test('a schema name that means two things is said, in whatever order its keys stand', () => {
  assert.equal(mergeOpenApi([writeSide, accounts(turned)], routes, 'http://gateway')['x-conflicts'], undefined)
  const other = mergeOpenApi([writeSide, accounts({ type: 'string' })], routes, 'http://gateway')
  assert.deepEqual(other['x-conflicts'], ['accounts: Money'])
})

test('a service that is missing, or describes itself wrongly, is named, and the others are there', () => {
  const merged = mergeOpenApi(
    [
      writeSide,
      { name: 'accounts', missing: 'does not answer' },
      { name: 'projections/accounts', serves: 'projections', document: 7 },
    ],
    routes,
    'http://gateway',
  )
  assert.deepEqual(merged['x-missing'], [
    'accounts does not answer',
    'projections/accounts describes itself in a way that does not fit',
  ])
  assert.ok(merged.paths['/v1/payments'])
})

test('every reference in the document leads to something', () => {
  const document = mergeOpenApi([], routes, 'http://gateway')
  const references = JSON.stringify(document).match(/(?<="\$ref":")[^"]+/g) ?? []
  assert.ok(references.length > 0)
  const names = Object.keys(document.components.schemas).map((name) => `#/components/schemas/${name}`)
  assert.deepEqual(
    references.filter((reference) => !names.includes(reference)),
    [],
  )
})
