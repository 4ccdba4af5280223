import assert from 'node:assert/strict'
import { test } from 'node:test'
import { routes } from '@micropay/gateway/routes'
import type { Allowing, Http } from '@micropay/runtime/http'
import { scopes } from '@micropay/schemas/api/token'
import type { RouteOptions } from 'fastify'
import { buildWith, services } from './services.fixture.ts'

/**
 * The gateway's table against what each service asks for by itself: were they apart, a caller would be let through to
 * be refused, or a route would be out of reach. The services are built as they are, and asked nothing.
 */
const verifyToken = async () => assert.fail('nobody calls')

const open = ['GET /health/live', 'GET /health/ready', 'GET /openapi.json', 'GET /vitals']
const openTo = (route: RouteOptions) => {
  const asked = [route.onRequest ?? []].flat().find((handler): handler is Allowing => 'scopes' in handler)
  return asked?.scopes.toSorted().join(' or ')
}

for (const [service, build] of Object.entries(services)) {
  test(`the gateway lets in to ${service} who may use it, route by route`, async () => {
    const offered = routes
      .filter(({ upstream }) => upstream === service)
      .map(({ method, path, scopes }) => `${method} ${path} for ${scopes.toSorted().join(' or ')}`)
    const registered = await routesOf(() => build(verifyToken))
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

/** What a service registers while it is built. */
async function routesOf(build: () => Promise<Http>): Promise<RouteOptions[]> {
  const registered: RouteOptions[] = []
  const app = await buildWith(build, (made) => made.addHook('onRoute', (route) => void registered.push(route)))
  await app.close()
  return registered
}
