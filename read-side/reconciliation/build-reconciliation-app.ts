import type { Clock } from '@micropay/deploy/runtime/clock'
import { buildHttp } from '@micropay/deploy/runtime/http'
import type { Logger } from '@micropay/deploy/runtime/logger'
import type { VerifyToken } from '@micropay/deploy/runtime/verify-token'
import type { ChangeFeed } from '../change-feed.ts'
import { createCursors } from '../cursor.ts'
import type { ReadModel } from '../open-database.ts'
import { addBalanceRoutes } from './balance-routes.ts'
import { addReconciliationRoutes } from './reconciliation-routes.ts'

/** The reconciliation read-side: chart of accounts, trial balance, daily totals, and statements against the ledger. */
export async function buildReconciliationApp(deps: ReconciliationAppDeps) {
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

export type ReconciliationAppDeps = {
  readonly model: ReadModel
  readonly feed: ChangeFeed
  readonly clock: Clock
  readonly logger: Logger
  readonly verifyToken: VerifyToken
  readonly cursorSecret: string
}
