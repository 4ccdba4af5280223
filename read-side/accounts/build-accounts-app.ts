import { buildHttp } from '@micropay/runtime/http'
import { createCursors } from '../answer/cursor.ts'
import type { QueryAppDeps } from '../serve/serve-queries.ts'
import { addAccountRoutes } from './account-routes.ts'
import { addEntryRoutes } from './entry-routes.ts'
import { addPayeeRoutes } from './payee-routes.ts'
import { addPaymentRoutes } from './payment-routes.ts'
import { createStreamHub } from './stream-hub.ts'
import { addStreamRoutes } from './stream-routes.ts'

/** The accounts read-side: accounts, statements and payments, and their changes live. */
export async function buildAccountsApp(deps: QueryAppDeps) {
  const { model, feed, clock, logger } = deps
  const app = await buildHttp({
    log: logger,
    title: 'MicroPay accounts',
    verifyToken: deps.verifyToken,
    notReadyBecause: feed.notReadyBecause,
  })
  const reader = { model, feed, clock }
  const cursors = createCursors(deps.cursorSecret)
  const hub = createStreamHub({ model, feed, logger })
  app.addHook('onClose', async () => hub.close())
  addAccountRoutes(app, reader, cursors)
  addEntryRoutes(app, reader, cursors)
  addPaymentRoutes(app, reader, cursors)
  addPayeeRoutes(app, reader)
  addStreamRoutes(app, reader, hub)
  return app
}
