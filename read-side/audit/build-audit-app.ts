import { buildHttp } from '@micropay/runtime/http'
import { ProblemError } from '@micropay/runtime/problem-error'
import type { FastifyRequest } from 'fastify'
import { createCursors } from '../answer/cursor.ts'
import { openAccessLog } from './access-log.ts'
import { addAccessRoutes } from './access-routes.ts'
import type { AuditAppDeps, AuditRoutes } from './audit-routes.ts'
import { addRecordRoutes } from './record-routes.ts'
import { addReplayRoutes } from './replay-routes.ts'
import { measureVerification } from './verification-metrics.ts'
import { verifyOnSchedule } from './verify-on-schedule.ts'
import { addVerifyRoutes } from './verify-routes.ts'

/**
 * The audit: replays accounts, shows records as they stand, and verifies partitions, all from the log itself. Every use
 * of it leaves a trace first.
 */
export async function buildAuditApp(deps: AuditAppDeps) {
  const accesses = openAccessLog(deps)
  const { verifyEveryMs: everyMs, verifyFirstAfterMs: firstAfterMs = FIRST_AFTER_MS } = deps
  const schedule = verifyOnSchedule({ ...deps, everyMs, firstAfterMs })
  const app = await buildHttp({
    log: deps.logger,
    title: 'MicroPay audit',
    verifyToken: deps.verifyToken,
    tls: deps.tls,
    metrics: deps.metrics,
    notReadyBecause: () => accesses.notReadyBecause() ?? deps.feed.notReadyBecause(),
    troubledBy: schedule.troubledBy,
  })
  measureVerification(deps.metrics, { schedule, clock: deps.clock })
  app.addHook('onClose', async () => {
    await schedule.close()
    await accesses.close()
    await deps.closeOthers?.()
  })
  const closing = new AbortController()
  app.addHook('preClose', async () => {
    closing.abort(new ProblemError('overloaded', closes, { headers: { 'retry-after': '1' } }))
  })
  const notedAs = new WeakMap<FastifyRequest, string>()
  const traced = async (request: FastifyRequest) => {
    notedAs.set(request, await accesses.note(request.caller, `${request.method} ${request.url}`))
  }
  const routes: AuditRoutes = {
    ...deps,
    accesses,
    schedule,
    cursors: createCursors(deps.cursorSecret),
    guard: { onRequest: app.allow('audit:read'), preHandler: traced },
    platformGuard: { onRequest: app.allow('platform:verify'), preHandler: traced },
    notedAs: (request) => notedAs.get(request),
    closing: closing.signal,
  }
  addReplayRoutes(app, routes)
  addRecordRoutes(app, routes)
  addVerifyRoutes(app, routes)
  addAccessRoutes(app, routes)
  return app
}

const FIRST_AFTER_MS = 60_000

const closes = 'this service is closing: ask again'
