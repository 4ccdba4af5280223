import assert from 'node:assert/strict'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { Route } from '@micropay/gateway/routes'
import { buildProjectionsApp } from '@micropay/projections/serve/build-projections-app'
import { buildAccountsApp } from '@micropay/read-side/accounts/build-accounts-app'
import { buildAuditApp } from '@micropay/read-side/audit/build-audit-app'
import { buildReconciliationApp } from '@micropay/read-side/reconciliation/build-reconciliation-app'
import { systemClock as clock } from '@micropay/runtime/clock'
import type { Http } from '@micropay/runtime/http'
import type { Leases } from '@micropay/runtime/leases'
import { createLogger } from '@micropay/runtime/logger'
import type { Connection } from '@micropay/runtime/pool'
import { TokenError, type VerifyToken } from '@micropay/runtime/verify-token'
import type { Caller } from '@micropay/schemas/api/token'
import { OwnerId } from '@micropay/schemas/identifiers'
import { buildCommandApp } from '@micropay/write-side/receive/build-app'
import { handleParked } from '@micropay/write-side/receive/parked-messages'
import { reportWorkers } from '@micropay/write-side/receive/report-workers'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'

export type Service = Exclude<Route['upstream'], 'gateway'>

/** Each service's HTTP as it is, with nothing behind it: for what is answered before anything behind is asked. */
export const services: Readonly<Record<Service, (verifyToken: VerifyToken) => Promise<Http>>> = {
  'write-side': async (verifyToken) => {
    const app = await buildCommandApp({ owners: [], requestHashKey: secret, verifyToken, log: logger })
    const leases = unused<Leases>()
    const report = { workerId: '1', owners: [], leases, parking: undefined, leaseName: String, log: 'memory', clock }
    reportWorkers(app, report)
    handleParked(app, { owners: [], sagas: undefined })
    return app
  },
  accounts: (verifyToken) => {
    const feeding = { subscribe: () => () => undefined }
    return buildAccountsApp({ ...trusted, verifyToken, model: unused(), feed: unused(feeding) })
  },
  reconciliation: (verifyToken) => buildReconciliationApp({ ...trusted, verifyToken, model: unused(), feed: unused() }),
  audit: (verifyToken) => {
    const verifying = { leases: unused<Leases>(), verifyEveryMs: undefined }
    return buildAuditApp({ ...trusted, ...verifying, verifyToken, model: unused(), log: unused(), feed: unused() })
  },
  projections: (verifyToken) =>
    buildProjectionsApp({ ...trusted, verifyToken, log: unused(), pool: unused(), worker: unused() }),
}

const logger = createLogger('test', 'silent')
const secret = 'a secret of 32 characters or more'
const trusted = { clock, logger, cursorSecret: secret, connection: () => unused<Connection>() }

/** Builds a service with hooks before its first route: Fastify tells of each app that it makes. */
export async function buildWith(build: () => Promise<Http>, addHooks: (app: FastifyInstance) => void): Promise<Http> {
  const listen = (message: unknown) => addHooks(Told.parse(message).fastify)
  subscribe('fastify.initialization', listen)
  try {
    const app = await build()
    await app.ready()
    return app
  } finally {
    unsubscribe('fastify.initialization', listen)
  }
}

const Told = z.object({ fastify: z.custom<FastifyInstance>((app) => app instanceof Object && 'addHook' in app) })

/** Something that a service is built with and never asked for here; what it does while it is built is given. */
function unused<Dependency extends object>(given: NoInfer<Partial<Dependency>> = {}): Dependency {
  const refuse = (name: string | symbol) => () => assert.fail(`${String(name)} is not for this test`)
  return new Proxy(given as Dependency, { get: (known, name) => Reflect.get(known, name) ?? refuse(name) })
}

/** For tokens that say their scopes. */
export async function verifySpoken(authorization: string | undefined): Promise<Caller> {
  if (authorization === undefined) throw new TokenError('send a token')
  const subject = OwnerId.parse('customer:ada')
  return { subject, client: 'test', tenant: 'main', scopes: new Set(authorization.split(' ')), expiresAt: 0 }
}
