import { buildHttp } from '@micropay/runtime/http'
import type { FastifyRequest } from 'fastify'
import { createCursors } from '../answer/cursor.ts'
import { noteAccess } from './access-log.ts'
import { addAccessRoutes } from './access-routes.ts'
import type { AuditAppDeps, AuditRoutes } from './audit-routes.ts'
import { addRecordRoutes } from './record-routes.ts'
import { addReplayRoutes } from './replay-routes.ts'
import { addVerifyRoutes } from './verify-routes.ts'

/** The audit: replays accounts, shows records as they stand, and verifies partitions, all from the log itself. Every use of it leaves a trace first. */
export async function buildAuditApp(deps: AuditAppDeps) {
  const { pool } = deps
  const app = await buildHttp({
    log: deps.logger,
    title: 'MicroPay audit',
    verifyToken: deps.verifyToken,
    notReadyBecause: deps.notReadyBecause,
  })
  const closing = new AbortController()
  app.addHook('preClose', async () => closing.abort())
  const traced = async (request: FastifyRequest) => noteAccess(pool, request.caller, `${request.method} ${request.url}`)
  const routes: AuditRoutes = {
    ...deps,
    cursors: createCursors(deps.cursorSecret),
    preHandler: [app.allow('audit:read'), traced],
    closing: closing.signal,
  }
  addReplayRoutes(app, routes)
  addRecordRoutes(app, routes)
  addVerifyRoutes(app, routes)
  addAccessRoutes(app, routes)
  return app
}
