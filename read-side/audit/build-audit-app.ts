import type { Clock } from '@micropay/deploy/runtime/clock'
import { buildHttp } from '@micropay/deploy/runtime/http'
import type { Logger } from '@micropay/deploy/runtime/logger'
import type { VerifyToken } from '@micropay/deploy/runtime/verify-token'
import type { EventLog } from '@micropay/write-side/append/event-log'
import type { FastifyRequest } from 'fastify'
import type { Pool } from 'pg'
import type { ChangeFeed } from '../change-feed.ts'
import { createCursors } from '../cursor.ts'
import { noteAccess } from './access-log.ts'
import { addAccessRoutes } from './access-routes.ts'
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

export type AuditAppDeps = {
  readonly pool: Pool
  readonly log: EventLog
  readonly feed: ChangeFeed
  readonly clock: Clock
  readonly logger: Logger
  readonly verifyToken: VerifyToken
  readonly cursorSecret: string
  readonly notReadyBecause: () => string | undefined
}

/** What every route of the audit is made with. */
export type AuditRoutes = AuditAppDeps & {
  readonly cursors: ReturnType<typeof createCursors>
  /** The caller may audit, and that it does is written down. */
  readonly preHandler: ((request: FastifyRequest) => Promise<void>)[]
  readonly closing: AbortSignal
}
