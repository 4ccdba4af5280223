import type { LimitsDatabase } from '@micropay/projections/limits/tables'
import { buildHttp } from '@micropay/runtime/http'
import { createCursors } from '../answer/cursor.ts'
import type { QueryAppDeps } from '../serve/serve-queries.ts'
import { addLimitRoutes } from './limit-routes.ts'

/** The limits read-side: how far accounts may be overdrawn, and how far they are. */
export async function buildLimitsApp(deps: QueryAppDeps<LimitsDatabase>) {
  const app = await buildHttp({
    log: deps.logger,
    title: 'MicroPay limits',
    verifyToken: deps.verifyToken,
    notReadyBecause: deps.feed.notReadyBecause,
  })
  addLimitRoutes(app, deps, createCursors(deps.cursorSecret))
  return app
}
