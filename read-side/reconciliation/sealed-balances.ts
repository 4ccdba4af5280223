import { hash } from 'node:crypto'
import type { ReconciliationTables } from '@micropay/projections/reconciliation/tables'
import { digestOfSeals, type PartitionDigest } from '@micropay/runtime/period-seals'
import type { TrialBalanceTotal } from '@micropay/schemas/api/reconciliation'
import { sql } from 'kysely'
import { type Snapshot, tableOf } from '../position/snapshot.ts'
import { balances } from './balance-queries.ts'
import { toldTotals } from './sides.ts'

export type SealedBalances = {
  readonly totals: TrialBalanceTotal[]
  readonly digest: string
  /** Of a ledger of several partitions, in their order. */
  readonly digests?: readonly PartitionDigest[]
}

/**
 * What a closing seals: the trial balance of all value dates before an instant, its totals by currency and the digest
 * over its accounts. The digest is SHA-256, base64url, over a line for each account that had an entry before then and
 * does not stand at 0, in the order of their ids' bytes: `account_id\tcurrency\tbalance\n`, in minor units. On several
 * partitions each has one over its own accounts, and `digest` is over those.
 */
export async function sealedBalances(
  snapshot: Snapshot<ReconciliationTables>,
  tenant: string,
  before: Date,
): Promise<SealedBalances> {
  const { rows } = await sql<Found>`
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
        select partition, account_id, account_id || chr(9) || b.currency || chr(9) || balance::text || chr(10) as line
        from b join ${tableOf(snapshot, 'ledger_account')} a using (account_id) where a.tenant = ${tenant}
      ),
      sealed as (
        select partition, sha256(convert_to(string_agg(line, '' order by account_id collate "C"), 'UTF8')) as digest
        from line group by partition
      )
    select (select coalesce(json_agg(total order by currency), '[]') from total) as totals,
      (select coalesce(json_agg(json_build_object('partition', partition, 'digest', encode(digest, 'base64'))), '[]')
        from sealed) as sealed`.execute(snapshot.db)
  const [found] = rows
  if (!found) throw new Error('an aggregate over nothing is a row, too')
  const totals = toldTotals(found.totals)
  const sealed = new Map(found.sealed.map(({ partition, digest }) => [partition, digest]))
  const digests = snapshot.head.positions.map(({ partition }) => {
    return { partition, digest: Buffer.from(sealed.get(partition) ?? OF_NOTHING, 'base64').toString('base64url') }
  })
  const [only, ...more] = digests
  if (only && more.length === 0) return { totals, digest: only.digest }
  return { totals, digest: digestOfSeals(digests), digests }
}

type Found = { totals: TrialBalanceTotal[]; sealed: PartitionDigest[] }

/** Where no account of a partition stands at anything. */
const OF_NOTHING = hash('sha256', '', 'base64')
