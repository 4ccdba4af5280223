import type { EventLog } from '@micropay/event-log/event-log'
import type { Clock } from '@micropay/runtime/clock'
import { buildHttp } from '@micropay/runtime/http'
import type { Logger } from '@micropay/runtime/logger'
import { ProblemError } from '@micropay/runtime/problem-error'
import type { Metrics } from '@micropay/runtime/telemetry/told'
import type { ServiceTls } from '@micropay/runtime/tls/service-tls'
import type { VerifyToken } from '@micropay/runtime/verify-token'
import { ProjectionStatusList } from '@micropay/schemas/api/projection'
import type { Pool } from 'pg'
import { z } from 'zod'
import { projectionStatus } from './status.ts'
import type { Begun } from './switch-version.ts'
import { offerVitals } from './vitals.ts'
import type { Worker } from './worker.ts'

/** The routes by which an SRE sees and rebuilds this process's projection. */
export async function buildProjectionsApp(deps: ProjectionsAppDeps) {
  const { log, pool, worker } = deps
  const app = await buildHttp({
    log: deps.logger,
    title: 'MicroPay projections',
    verifyToken: deps.verifyToken,
    tls: deps.tls,
    metrics: deps.metrics,
    notReadyBecause: worker.notReadyBecause,
    troubledBy: worker.troubledBy,
  })
  app.get(
    '/v1/projections',
    { onRequest: app.allow('platform:read'), schema: { response: { 200: ProjectionStatusList } } },
    async () => {
      const reason = worker.notReadyBecause()
      if (reason !== undefined) return { items: [], unreachable: [{ service: worker.service, reason }] }
      return { items: await projectionStatus(pool, log, deps.clock), unreachable: [] }
    },
  )
  offerVitals(app, worker, () => projectionStatus(pool, log, deps.clock))
  app.post(
    '/v1/projections/:service/rebuild',
    {
      onRequest: app.allow('platform:operate'),
      schema: { params: OfService, response: { 202: RebuildStarted } },
    },
    async (request, reply) => {
      checkService(request.params.service, worker)
      const schema = schemaOf(await worker.startRebuild())
      request.log.info({ schema, subject: request.caller.subject }, 'a rebuild was asked for')
      return reply.code(202).send({ schema })
    },
  )
  app.post(
    '/v1/projections/:service/rollback',
    {
      onRequest: app.allow('platform:operate'),
      schema: { params: OfService, response: { 202: RollbackStarted } },
    },
    async (request, reply) => {
      checkService(request.params.service, worker)
      const schema = schemaOf(await worker.startRollback())
      request.log.info({ schema, subject: request.caller.subject }, 'a rollback was asked for')
      return reply.code(202).send({ schema })
    },
  )
  return app
}

function schemaOf(begun: Begun): string {
  if (begun.kind === 'begun') return begun.schema
  if (begun.kind === 'busy') {
    throw new ProblemError('rebuild_in_progress', 'wait for it to end: GET /v1/projections says how far it is')
  }
  const none = "there is no retired version of this code's version to go back to"
  throw new ProblemError('not_found', `${begun.because ?? none}: rebuild instead`)
}

function checkService(service: string, worker: Worker): void {
  if (service !== worker.service) throw new ProblemError('not_found', `this process projects ${worker.service} alone`)
}

const OfService = z.object({ service: z.string() })
const RebuildStarted = z.object({ schema: z.string() }).meta({ id: 'RebuildStarted' })
const RollbackStarted = z.object({ schema: z.string() }).meta({ id: 'RollbackStarted' })

export type ProjectionsAppDeps = {
  readonly log: EventLog
  readonly clock: Clock
  readonly pool: Pool
  readonly worker: Worker
  readonly logger: Logger
  readonly verifyToken: VerifyToken
  readonly tls?: ServiceTls | undefined
  readonly metrics?: Metrics | undefined
}
