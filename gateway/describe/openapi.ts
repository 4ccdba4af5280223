import { Configuration } from '@micropay/schemas/api/configuration'
import { History } from '@micropay/schemas/api/history'
import { Problem } from '@micropay/schemas/api/problem'
import { Session, SignedOut, scopes } from '@micropay/schemas/api/token'
import { Traffic } from '@micropay/schemas/api/traffic'
import { IdempotencyKey } from '@micropay/schemas/identifiers'
import { PositionVector } from '@micropay/schemas/position'
import { z } from 'zod'
import type { Route } from '../routes.ts'
import { headers, headersAnsweredBy, headersAskedOf, parameters } from './openapi-headers.ts'
import { otherBody, otherContent } from './openapi-media.ts'
import { problemResponses, problems } from './openapi-problems.ts'
import { sessionPaths } from './openapi-session.ts'

const Described = z.object({
  paths: z.record(z.string(), z.record(z.string(), z.record(z.string(), z.unknown()))).default({}),
  components: z.object({ schemas: z.record(z.string(), z.unknown()).default({}) }).default({ schemas: {} }),
})
/** The document of one service, or why it could not be had. */
export type Part =
  | { readonly name: string; readonly serves: Route['upstream']; readonly document: unknown }
  | { readonly name: string; readonly missing: string }

const ownSchemas = namedSchemas(
  ...[Problem, Session, SignedOut, Traffic, History, Configuration, IdempotencyKey, PositionVector],
)

/**
 * One OpenAPI 3.1 document from those of the services: the routes that the gateway offers, each with the scopes that
 * allow it, and the gateway's own session routes. Says in `x-missing` which services did not answer, and in
 * `x-conflicts` which schema names mean two things.
 */
export function mergeOpenApi(parts: readonly Part[], routes: readonly Route[], publicUrl: string) {
  const missing: string[] = []
  const conflicts: string[] = []
  const schemas: Record<string, unknown> = { ...ownSchemas }
  const paths: Record<string, Record<string, unknown>> = { ...sessionPaths(), ...ownPaths(routes) }
  for (const part of parts) {
    if ('missing' in part) {
      missing.push(`${part.name} ${part.missing}`)
      continue
    }
    const described = Described.safeParse(part.document)
    if (!described.success) {
      missing.push(`${part.name} describes itself in a way that does not fit`)
      continue
    }
    const { components } = described.data
    for (const [name, schema] of Object.entries(components.schemas)) {
      if (name in schemas && name !== 'Problem' && !sameJson(schemas[name], schema))
        conflicts.push(`${part.name}: ${name}`)
      schemas[name] ??= schema
    }
    for (const route of routes.filter((one) => one.upstream === part.serves)) {
      const path = route.path.replace(/:(\w+)/g, '{$1}')
      const operation = described.data.paths[path]?.[route.method.toLowerCase()]
      if (!operation) continue
      const known = paths[path] ?? {}
      paths[path] = { ...known, [route.method.toLowerCase()]: offered(route, operation) }
    }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'MicroPay',
      version: '1.0.0',
      description: missing.length === 0 ? 'The whole API.' : `Incomplete, ask again: ${missing.join('; ')}.`,
    },
    servers: [{ url: publicUrl }],
    paths,
    components: { schemas, parameters, headers, responses: problemResponses, securitySchemes },
    ...(missing.length === 0 ? {} : { 'x-missing': missing }),
    ...(conflicts.length === 0 ? {} : { 'x-conflicts': conflicts }),
  }
}

const securitySchemes = {
  token: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: `An access token; one bound to a key comes by the scheme DPoP. Scopes: ${Object.entries(scopes)
      .map(([name, meaning]) => `${name} (${meaning})`)
      .join(', ')}.`,
  },
  session: { type: 'apiKey', in: 'cookie', name: 'micropay', description: 'A browser signed in at /session/login.' },
}

/** Each scope is an alternative, so each is a requirement of its own. */
function allowedBy(route: Route) {
  return { security: route.scopes.flatMap((scope) => [{ token: [scope] }, { session: [scope] }]) }
}

/** What the gateway answers itself, each with the name of its schema. */
const ownAnswers: Readonly<Record<string, readonly [summary: string, schema: string]>> = {
  '/v1/traffic': ['What the gateway sends to each service', 'Traffic'],
  '/v1/history': ['What this gateway has seen within the last hour', 'History'],
  '/v1/configuration': ['The settings that are in force, and where each comes from', 'Configuration'],
}

function ownPaths(routes: readonly Route[]) {
  const paths = routes.flatMap((route) => {
    const [summary, schema] = ownAnswers[route.path] ?? []
    if (route.upstream !== 'gateway' || schema === undefined) return []
    const content = { 'application/json': { schema: { $ref: `#/components/schemas/${schema}` } } }
    const operation = { summary, responses: { 200: { description: schema, content } } }
    return [[route.path, { get: offered(route, operation) }] as const]
  })
  return Object.fromEntries(paths)
}

/** What the service says of an operation, and what holds for it at the gateway. */
function offered(route: Route, { parameters: own, responses, ...operation }: Readonly<Record<string, unknown>>) {
  const described = z
    .array(z.looseObject({ name: z.string().optional() }))
    .catch([])
    .parse(own)
  const answers = z.record(z.string(), z.looseObject({ content: z.record(z.string(), z.unknown()).optional() }))
  const successes = Object.entries(answers.catch({}).parse(responses))
    .filter(([status]) => status.startsWith('2'))
    .map(([status, answer]) => {
      const content = { ...answer.content, ...(status === '200' ? otherContent(route, described) : {}) }
      const more = Object.keys(content).length > 0 ? { content } : {}
      return [status, { ...answer, ...more, headers: headersAnsweredBy(route, status) }] as const
    })
  return {
    ...{ ...operation, ...otherBody(route), ...allowedBy(route) },
    parameters: [...described, ...headersAskedOf(route)],
    responses: { ...Object.fromEntries(successes), ...problems },
  }
}

/**
 * The schemas of the gateway's own answers and all that they refer to, at the places where an OpenAPI document has
 * them.
 */
function namedSchemas(...named: readonly z.ZodType[]): Record<string, unknown> {
  const { $defs } = z.toJSONSchema(z.union(named), { target: 'draft-2020-12', io: 'output' })
  const placed = JSON.stringify($defs, (key, value) => (key === 'id' && typeof value === 'string' ? undefined : value))
  const schemas: unknown = JSON.parse(placed.replaceAll('"#/$defs/', '"#/components/schemas/'))
  return z.record(z.string(), z.unknown()).parse(schemas)
}

function sameJson(one: unknown, other: unknown): boolean {
  return JSON.stringify(sorted(one)) === JSON.stringify(sorted(other))
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .map(([name, inner]) => [name, sorted(inner)] as const)
      .sort(([left], [right]) => (left < right ? -1 : 1)),
  )
}
