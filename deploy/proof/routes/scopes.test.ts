import assert from 'node:assert/strict'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { test } from 'node:test'
import { type Route, routes } from '@micropay/gateway/routes'
import { buildProjectionsApp } from '@micropay/projections/serve/build-projections-app'
import { buildAccountsApp } from '@micropay/read-side/accounts/build-accounts-app'
import { buildAuditApp } from '@micropay/read-side/audit/build-audit-app'
import { buildReconciliationApp } from '@micropay/read-side/reconciliation/build-reconciliation-app'
import { systemClock as clock } from '@micropay/runtime/clock'
import type { Allowing, Http } from '@micropay/runtime/http'
import { createLogger } from '@micropay/runtime/logger'
import { scopes } from '@micropay/schemas/api/token'
import { buildCommandApp } from '@micropay/write-side/receive/build-app'
import { reportWorkers } from '@micropay/write-side/receive/report-workers'
import type { FastifyInstance, RouteOptions } from 'fastify'
import { z } from 'zod'

/**
 * The gateway's table against what each service asks for by itself: were they apart, a caller would be let through to
 * be refused, or a route would be out of reach. The services are built as they are, and asked nothing.
 */
const logger = createLogger('test', 'silent')
const secret = 'a secret of 32 characters or more'
const verifyToken = async () => assert.fail('nobody calls')
const trusted = { clock, logger, verifyToken, cursorSecret: secret }

const services: Readonly<Record<Exclude<Route['upstream'], 'gateway'>, () => Promise<Http>>> = {
  'write-side': async () => {
    const app = await buildCommandApp({ owners: [], requestHashKey: secret, verifyToken, log: logger })
    reportWorkers(app, { workerId: '1', owners: [], leases: unused(), leaseName: String, log: 'memory', clock })
    return app
  },
  accounts: () => buildAccountsApp({ ...trusted, model: unused(), feed: unused({ subscribe: () => () => undefined }) }),
  reconciliation: () => buildReconciliationApp({ ...trusted, model: unused(), feed: unused() }),
  audit: () => buildAuditApp({ ...trusted, model: unused(), log: unused(), feed: unused() }),
  projections: () => buildProjectionsApp({ ...trusted, log: unused(), pool: unused(), worker: unused() }),
}

const Told = z.object({ fastify: z.custom<FastifyInstance>((app) => app instanceof Object && 'addHook' in app) })
const open = ['GET /health/live', 'GET /health/ready', 'GET /openapi.json']
const openTo = (route: RouteOptions) => {
  const asked = [route.preHandler ?? []].flat().find((handler): handler is Allowing => 'scopes' in handler)
  return asked?.scopes.toSorted().join(' or ')
}

for (const [service, build] of Object.entries(services)) {
  test(`the gateway lets in to ${service} who may use it, route by route`, async () => {
    const offered = routes
      .filter(({ upstream }) => upstream === service)
      .map(({ method, path, scopes }) => `${method} ${path} for ${scopes.toSorted().join(' or ')}`)
    const registered = await routesOf(build)
    const served = registered
      .map((route) => ({ name: `${String(route.method)} ${route.url}`, scopes: openTo(route) }))
      .filter(({ name, scopes }) => scopes !== undefined || !open.includes(name))
      .map(({ name, scopes }) => `${name} for ${scopes ?? 'everyone'}`)
    assert.ok(served.length > 0)
    assert.deepEqual(served.sort(), offered.sort())
  })
}

test('every scope that a token may have opens a route', () => {
  const asked = new Set(routes.flatMap(({ scopes }) => scopes))
  assert.deepEqual([...asked].sort(), Object.keys(scopes).sort())
})

/** What a service registers while it is built: Fastify tells of each app before its first route. */
async function routesOf(build: () => Promise<Http>): Promise<RouteOptions[]> {
  const registered: RouteOptions[] = []
  const listen = (message: unknown) => {
    const { fastify } = Told.parse(message)
    fastify.addHook('onRoute', (route) => void registered.push(route))
  }
  subscribe('fastify.initialization', listen)
  try {
    const app = await build()
    await app.ready()
    await app.close()
  } finally {
    unsubscribe('fastify.initialization', listen)
  }
  return registered
}

/** Something that a service is built with and never asked for here; what it does while it is built is given. */
function unused<Dependency extends object>(given: NoInfer<Partial<Dependency>> = {}): Dependency {
  const refuse = (name: string | symbol) => () => assert.fail(`${String(name)} is not for this test`)
  return new Proxy(given as Dependency, { get: (known, name) => Reflect.get(known, name) ?? refuse(name) })
}
