import type { AccountsDatabase } from '@micropay/projections/accounts/tables'
import type { Http } from '@micropay/runtime/http'
import { MAX_PAYEES, PayeeList } from '@micropay/schemas/api/payee'
import { AccountId } from '@micropay/schemas/identifiers'
import { type Reader, readAt } from '../position/await-position.ts'

/** GET /v1/payees: those of the caller, and of nobody else, whatever else the caller may see. */
export function addPayeeRoutes(app: Http, reader: Reader<AccountsDatabase>): void {
  const onRequest = app.allow('accounts:read', 'accounts:read:any')
  app.get('/v1/payees', { onRequest, schema: { response: { 200: PayeeList } } }, async (request, reply) => {
    const { tenant, subject } = request.caller
    const rows = await readAt(reader, request, reply, ({ db }) =>
      db
        .selectFrom('payee')
        .where('tenant', '=', tenant)
        .where('owner', '=', subject)
        .selectAll()
        .orderBy('alias_key')
        .limit(MAX_PAYEES)
        .execute(),
    )
    const items = rows.map((row) => ({
      alias: row.alias,
      accountId: AccountId.parse(row.account_id),
      savedAt: row.saved_at.toISOString(),
    }))
    return { items }
  })
}
