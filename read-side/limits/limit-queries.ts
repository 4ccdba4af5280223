import type { LimitsDatabase } from '@micropay/projections/limits/tables'
import type { Limit } from '@micropay/schemas/api/limit'
import { AccountId } from '@micropay/schemas/identifiers'
import type { Snapshot } from '../position/snapshot.ts'

/** Everything of the tenant, or with an `owner` what that owner's accounts say alone. */
type Viewer = { readonly tenant: string; readonly owner: string | undefined }

/** Accounts that have a limit, by id, after the one that the last page ended with. */
export async function listLimits(
  db: Snapshot<LimitsDatabase>['db'],
  { tenant, owner }: Viewer,
  after: string | undefined,
  limit: number,
): Promise<Limit[]> {
  let query = db.selectFrom('account_limit').where('tenant', '=', tenant).where('overdraft_limit', 'is not', null)
  if (owner !== undefined) query = query.where('owner', '=', owner)
  if (after !== undefined) query = query.where('account_id', '>', after)
  const rows = await query.selectAll().orderBy('account_id').limit(limit).execute()
  return rows.map(({ account_id, currency, overdraft_limit, balance_minor: balance }) => {
    const most = overdraft_limit ?? 0n
    return {
      accountId: AccountId.parse(account_id),
      currency,
      overdraftLimit: most.toString(),
      used: (balance < 0n ? -balance : 0n).toString(),
      available: (balance + most).toString(),
    }
  })
}
