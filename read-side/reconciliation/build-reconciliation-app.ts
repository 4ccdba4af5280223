import type { ReconciliationTables } from '@micropay/projections/reconciliation/tables'
import { buildHttp } from '@micropay/runtime/http'
import { createCursors } from '../answer/cursor.ts'
import type { QueryAppDeps } from '../serve/serve-queries.ts'
import { addBalanceRoutes } from './balance-routes.ts'
import { measureBooks } from './book-metrics.ts'
import { addEntryRoutes } from './entry-routes.ts'
import { addPeriodRoutes } from './period-routes.ts'
import { addReconciliationRoutes } from './reconciliation-routes.ts'
import { addUnderWayRoutes } from './under-way-routes.ts'

/** The reconciliation read-side: balances and what is under way, daily totals, statements, and periods. */
export async function buildReconciliationApp(deps: QueryAppDeps<ReconciliationTables>) {
  const app = await buildHttp({
    log: deps.logger,
    title: 'MicroPay reconciliation',
    verifyToken: deps.verifyToken,
    tls: deps.tls,
    metrics: deps.metrics,
    notReadyBecause: deps.feed.notReadyBecause,
  })
  measureBooks(deps.metrics, deps)
  const cursors = createCursors(deps.cursorSecret)
  addBalanceRoutes(app, deps, cursors)
  addEntryRoutes(app, deps, cursors)
  addReconciliationRoutes(app, deps, cursors)
  addPeriodRoutes(app, deps)
  addUnderWayRoutes(app, deps, cursors)
  return app
}
