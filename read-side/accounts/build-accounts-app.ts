import type { AccountsDatabase } from '@micropay/projections/accounts/tables'
import { buildHttp } from '@micropay/runtime/http'
import { createCursors } from '../answer/cursor.ts'
import type { QueryAppDeps } from '../serve/serve-queries.ts'
import { addAccountRoutes } from './account-routes.ts'
import { addEntryRoutes } from './entry-routes.ts'
import { addPayeeRoutes } from './payee-routes.ts'
import { addPaymentRoutes } from './payment-routes.ts'
import { addPolicyRoutes } from './policy-routes.ts'
import { addProposalRoutes } from './proposal-routes.ts'
import { createStreamHub } from './stream-hub.ts'
import { addStreamRoutes } from './stream-routes.ts'

/** The accounts read-side: accounts, statements and payments, their changes live, and approvals. */
export async function buildAccountsApp(deps: QueryAppDeps<AccountsDatabase>) {
  const app = await buildHttp({
    log: deps.logger,
    title: 'MicroPay accounts',
    verifyToken: deps.verifyToken,
    tls: deps.tls,
    metrics: deps.metrics,
    notReadyBecause: deps.feed.notReadyBecause,
  })
  const cursors = createCursors(deps.cursorSecret)
  const hub = createStreamHub(deps)
  app.addHook('onClose', async () => hub.close())
  addAccountRoutes(app, deps, cursors)
  addEntryRoutes(app, deps, cursors)
  addPaymentRoutes(app, deps, cursors)
  addPayeeRoutes(app, deps)
  addProposalRoutes(app, deps, cursors)
  addPolicyRoutes(app, deps)
  addStreamRoutes(app, deps, hub)
  return app
}
