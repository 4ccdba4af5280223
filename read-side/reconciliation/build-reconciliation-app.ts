import { buildHttp } from '@micropay/runtime/http'
import { createCursors } from '../answer/cursor.ts'
import type { QueryAppDeps } from '../serve/serve-queries.ts'
import { addBalanceRoutes } from './balance-routes.ts'
import { addReconciliationRoutes } from './reconciliation-routes.ts'

/** The reconciliation read-side: chart of accounts, trial balance, daily totals, and statements against the ledger. */
export async function buildReconciliationApp(deps: QueryAppDeps) {
  const { model, feed, clock, logger } = deps
  const app = await buildHttp({
    log: logger,
    title: 'MicroPay reconciliation',
    verifyToken: deps.verifyToken,
    notReadyBecause: feed.notReadyBecause,
  })
  const reader = { model, feed, clock }
  const cursors = createCursors(deps.cursorSecret)
  addBalanceRoutes(app, reader, cursors)
  addReconciliationRoutes(app, reader, cursors)
  return app
}
