import type { AccountsDatabase } from '@micropay/projections/accounts/tables'
import type { Http } from '@micropay/runtime/http'
import { Governed, type Policy, PolicyList, twoByDefault } from '@micropay/schemas/api/approval'
import { PolicyId } from '@micropay/schemas/identifiers'
import { type Reader, readAt } from '../position/await-position.ts'

/** GET /v1/policies: of every command that can need two persons whether it does, by what was set last or by default. */
export function addPolicyRoutes(app: Http, reader: Reader<AccountsDatabase>): void {
  const onRequest = app.allow('policies:set', 'approvals:decide', 'audit:read')
  const schema = { tags: ['approvals'], response: { 200: PolicyList } }
  app.get('/v1/policies', { onRequest, schema }, async (request, reply) => {
    const { tenant } = request.caller
    const rows = await readAt(reader, request, reply, ({ db }) =>
      db.selectFrom('policy').where('tenant', '=', tenant).selectAll().orderBy('set_at').execute(),
    )
    const set = new Map(rows.map((row) => [row.command, row]))
    const items = Governed.options.map((command): Policy => {
      const row = set.get(command)
      if (!row) return { command, people: twoByDefault.has(command) ? 2 : 1, above: null, set: null }
      const { above_minor: amount, above_currency: currency } = row
      return {
        ...{ command, people: row.people },
        above: amount === null || currency === null ? null : { amount: amount.toString(), currency },
        set: {
          policyId: PolicyId.parse(row.policy_id),
          at: row.set_at.toISOString(),
          by: row.set_by,
          approvedBy: row.approved_by,
        },
      }
    })
    return { items }
  })
}
