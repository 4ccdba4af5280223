import type { ReconciliationTables } from '@micropay/projections/reconciliation/tables'
import type { Metrics } from '@micropay/runtime/telemetry/told'
import { sql } from 'kysely'
import type { ReadModel } from '../position/open-database.ts'
import { inSnapshot, type Snapshot, tableOf } from '../position/snapshot.ts'

/** It adds up all accounts: half a second for millions of them. */
const SUMMED_EVERY_MS = 60_000

/** Whether the books balance, over all tenants. */
export function measureBooks(
  metrics: Metrics | undefined,
  { model }: { readonly model: ReadModel<ReconciliationTables> },
): void {
  metrics?.ask({
    name: 'balances',
    everyMs: SUMMED_EVERY_MS,
    async ask(tell) {
      const sums = await inSnapshot(model, bookSums)
      if (!sums) throw new Error('the read model is not made yet')
      for (const { currency, imbalance, onItsWay } of sums) {
        tell('micropay_imbalance_minor', Number(imbalance), { currency })
        tell('micropay_on_its_way_minor', Number(onItsWay), { currency })
      }
    },
  })
}

type BookSums = { readonly currency: string; readonly imbalance: string; readonly onItsWay: string }

/**
 * By currency, in minor units. Each tenant's accounts sum to zero with what is between partitions; were one tenant's
 * books off by as much as another's the other way, the sum of both would hide it, so each counts without its sign.
 */
export async function bookSums(snapshot: Snapshot<ReconciliationTables>): Promise<readonly BookSums[]> {
  const { rows } = await sql<BookSums>`
    with held as (
      select tenant, currency, sum(balance_minor) as balance
      from ${tableOf(snapshot, 'ledger_account')} group by tenant, currency
    ), pair as (
      select tenant, currency, sum(balance) as balance from ${tableOf(snapshot, 'transit')}
      group by tenant, currency, least(partition, other), greatest(partition, other)
    ), passing as (
      select tenant, currency, sum(balance) as balance, sum(abs(balance)) as moved from pair group by tenant, currency
    )
    select currency, sum(abs(coalesce(held.balance, 0) + coalesce(passing.balance, 0)))::text as imbalance,
      coalesce(sum(passing.moved), 0)::text as "onItsWay"
    from held full join passing using (tenant, currency) group by currency order by currency`.execute(snapshot.db)
  return rows
}
