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
  parameters: z.array(z.object({ name: z.string() })).optional(),
  responses: z.record(z.string(), z.object({ content: z.unknown().optional() })),
})

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

test('each operation of a service says how it tells a problem, and each command that it has a key', () => {
  const described = Object.fromEntries(
    routes.map(({ path }) => [
      path.replace(/:(\w+)/g, '{$1}'),
      { get: {}, post: { responses: { 200: {}, '4XX': {} } } },
    ]),
  )
  const parts = [...new Set(routes.map(({ upstream }) => upstream))].map((serves) => {
    return { name: serves, serves, document: { paths: described } }
  })
  const { paths } = mergeOpenApi(parts, routes, 'http://gateway')
  const problem = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } }
  const withKey: string[] = []
  for (const { method, path, upstream } of routes) {
    const operation = Operation.parse(paths[path.replace(/:(\w+)/g, '{$1}')]?.[method.toLowerCase()])
    if (operation.parameters?.some(({ name }) => name === 'Idempotency-Key')) withKey.push(`${upstream} ${path}`)
    if (upstream === 'gateway') continue
    for (const status of ['4XX', '5XX']) assert.deepEqual(operation.responses[status]?.content, problem, path)
    if (method === 'POST') assert.ok(operation.responses[200], 'what it says itself stays')
  }
  const commands = routes.filter(({ method, upstream, path }) => {
    return method === 'POST' && upstream === 'write-side' && !path.endsWith('/batch')
  })
  assert.ok(commands.length > 10)
  assert.deepEqual(
    withKey,
    commands.map(({ path }) => `write-side ${path}`),
  )
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
