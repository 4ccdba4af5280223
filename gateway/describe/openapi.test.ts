import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
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

const Operation = z.object({
  summary: z.string().optional(),
  security: z.array(z.unknown()),
  parameters: z.array(z.looseObject({ name: z.string().optional(), $ref: z.string().optional() })).default([]),
  requestBody: z.object({ content: z.record(z.string(), z.unknown()) }).optional(),
  responses: z.record(
    z.string(),
    z.looseObject({ content: z.unknown().optional(), headers: z.record(z.string(), z.unknown()).default({}) }),
  ),
})

/** All routes, each described by its service in as few words as it may. */
function mergeAll() {
  const described = Object.fromEntries(
    routes.map(({ path }) => [
      path.replace(/:(\w+)/g, '{$1}'),
      { get: { responses: { 200: {} } }, post: { responses: { 200: {}, 202: {}, '4XX': {} } } },
    ]),
  )
  const parts = [...new Set(routes.map(({ upstream }) => upstream))].map((serves) => {
    return { name: serves, serves, document: { paths: described } }
  })
  return mergeOpenApi(parts, routes, 'http://gateway')
}

test('a path that two services share has the operations of both, each with its scopes as alternatives', () => {
  const { paths } = mergeOpenApi([writeSide, accounts(turned)], routes, 'http://gateway')
  assert.deepEqual(Object.keys(paths['/v1/payments'] ?? {}), ['post', 'get'])
  const { summary, security } = Operation.parse(paths['/v1/payments']?.post)
  assert.equal(summary, 'Pay')
  assert.deepEqual(security, [
    { token: ['payments:make'] },
    { session: ['payments:make'] },
    { token: ['payments:book'] },
    { session: ['payments:book'] },
  ])
})

test('each operation says how it tells a problem, and what it takes and tells by headers', () => {
  const { paths, components } = mergeAll()
  for (const response of Object.values(components.responses)) {
    assert.deepEqual(Object.keys(response.content), ['application/problem+json'])
    assert.ok(
      'Retry-After' in response.headers && 'WWW-Authenticate' in response.headers && 'Allow' in response.headers,
    )
  }
  const asking = new Map<string, string[]>()
  for (const { method, path } of routes) {
    const operation = Operation.parse(paths[path.replace(/:(\w+)/g, '{$1}')]?.[method.toLowerCase()])
    for (const { $ref } of operation.parameters) {
      const name = $ref?.split('/').at(-1) ?? ''
      asking.set(name, [...(asking.get(name) ?? []), `${method} ${path}`])
    }
    assert.deepEqual(operation.responses['4XX'], { $ref: '#/components/responses/Refused', headers: {} }, path)
    assert.deepEqual(operation.responses['5XX'], { $ref: '#/components/responses/Failed', headers: {} }, path)
    assert.ok(operation.responses[200], 'what it says itself stays')
  }
  assert.equal(asking.get('DPoP')?.length, routes.length)
  const commands = routes.filter(({ method, upstream, path }) => {
    return method === 'POST' && upstream === 'write-side' && !path.endsWith('/batch') && !path.includes('/parked/')
  })
  assert.ok(commands.length > 10)
  assert.deepEqual(
    asking.get('Idempotency-Key'),
    commands.map(({ path }) => `POST ${path}`),
  )
  assert.deepEqual(asking.get('Last-Event-ID'), ['GET /v1/account-events'])
  const waiting = asking.get('Prefer')?.filter((name) => name.startsWith('POST'))
  assert.deepEqual(waiting?.length, 4)
})

test('what is no JSON is described by its media type', () => {
  const { paths } = mergeAll()
  const typesOf = (path: string, method = 'get') => {
    const { content } = Operation.parse(paths[path]?.[method]).responses[200] ?? {}
    return Object.keys(content ?? {})
  }
  assert.deepEqual(typesOf('/v1/accounts.csv'), ['text/csv'])
  assert.deepEqual(typesOf('/v1/account-events'), ['text/event-stream'])
  assert.deepEqual(typesOf('/v1/audit/verify'), ['application/x-ndjson'])
  const { requestBody } = Operation.parse(paths['/v1/statements']?.post)
  assert.deepEqual(Object.keys(requestBody?.content ?? {}), ['application/xml'])
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
  const document = mergeAll()
  const references = JSON.stringify(document).match(/(?<="\$ref":")[^"]+/g) ?? []
  assert.ok(references.length > 0)
  const names = Object.entries(document.components).flatMap(([kind, named]) =>
    Object.keys(named).map((name) => `#/components/${kind}/${name}`),
  )
  assert.deepEqual(
    references.filter((reference) => !names.includes(reference)),
    [],
  )
})
