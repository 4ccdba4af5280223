import type { ReconciliationTables } from '@micropay/projections/reconciliation/tables'
import type { TrialBalanceTotal } from '@micropay/schemas/api/reconciliation'
import { sql } from 'kysely'
import type { Snapshot } from '../position/snapshot.ts'
import { balances } from './balance-queries.ts'
import { toldTotals } from './sides.ts'

export type SealedBalances = { readonly totals: TrialBalanceTotal[]; readonly digest: string }

/**
 * What a closing seals: the trial balance of all value dates before an instant, its totals by currency and the digest
 * over its accounts. The digest is SHA-256, base64url, over a line for each account that had an entry before then and
 * does not stand at 0, in the order of their ids' bytes: `account_id\tcurrency\tbalance\n`, in minor units.
 */
export async function sealedBalances(
  snapshot: Snapshot<ReconciliationTables>,
  tenant: string,
  before: Date,
): Promise<SealedBalances> {
  const { rows } = await sql<{ totals: TrialBalanceTotal[]; digest: Buffer }>`
    with b as materialized (
        select account_id, currency, balance
        from (${balances(snapshot, tenant, {}, { kind: 'instant', before })}) b where balance <> 0
      ),
      total as (
        select currency, count(*)::int as accounts,
          coalesce(-sum(balance) filter (where balance < 0), 0)::text as debit,
          coalesce(sum(balance) filter (where balance > 0), 0)::text as credit
        from b group by currency
      ),
      line as (
        select account_id, account_id || chr(9) || currency || chr(9) || balance::text || chr(10) as line from b
      )
    select (select coalesce(json_agg(total order by currency), '[]') from total) as totals,
      (select sha256(convert_to(coalesce(string_agg(line, '' order by account_id collate "C"), ''), 'UTF8')) from line)
        as digest`.execute(snapshot.db)
  const [sealed] = rows
  if (!sealed) throw new Error('an aggregate over nothing is a row, too')
  return { totals: toldTotals(sealed.totals), digest: sealed.digest.toString('base64url') }
}
