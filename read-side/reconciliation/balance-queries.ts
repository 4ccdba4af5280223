import type { ReconciliationTables } from '@micropay/projections/reconciliation/tables'
import { AccountType } from '@micropay/schemas/account'
import { AccountId } from '@micropay/schemas/identifiers'
import type { TrialBalanceRow, TrialBalanceTotal } from '@micropay/schemas/reconciliation'
import { type RawBuilder, sql } from 'kysely'
import type { Snapshot } from '../snapshot.ts'
import type { AsOf } from './as-of.ts'
import type { PathBalance } from './roll-up.ts'
import { sidesOf } from './sides.ts'

export type BalanceFilter = {
  readonly currency?: string | undefined
  /** A place in the chart, and all below it. */
  readonly path?: string | undefined
}

/** A table of the snapshot's own version. */
export function tableOf({ head }: Snapshot, table: keyof ReconciliationTables): RawBuilder<unknown> {
  return sql.id(head.schema, table)
}

/** `balances(account_id, name, type, path, currency, balance)`: every account of the tenant, as it stood. */
function balances(snapshot: Snapshot, tenant: string, filter: BalanceFilter, asOf: AsOf): RawBuilder<unknown> {
  const account = tableOf(snapshot, 'ledger_account')
  const where = [sql`a.tenant = ${tenant}`]
  if (filter.currency !== undefined) where.push(sql`a.currency = ${filter.currency}`)
  if (filter.path !== undefined) where.push(sql`(a.path = ${filter.path} or a.path like ${`${filter.path}/%`})`)
  const condition = sql.join(where, sql` and `)
  const columns = sql`a.account_id, a.name, a.type, a.path, a.currency`
  if (asOf.kind === 'now')
    return sql`select ${columns}, a.balance_minor as balance from ${account} a where ${condition}`
  if (asOf.kind === 'instant') {
    return sql`select ${columns}, coalesce(m.balance, 0) as balance from ${account} a join (
        select account_id, sum(in_minor - out_minor) as balance from ${tableOf(snapshot, 'movement')}
        where tenant = ${tenant} and quarter < ${asOf.before} group by account_id
      ) m using (account_id) where ${condition}`
  }
  const at = sql.join(asOf.positions.map(({ partition, seq }) => sql`(${partition}::int, ${seq}::int8)`))
  return sql`select ${columns}, e.balance_after_minor as balance
    from ${account} a join (values ${at}) p(partition, seq) on p.partition = a.partition
    cross join lateral (select balance_after_minor from ${tableOf(snapshot, 'ledger_entry')} e
      where e.account_id = a.account_id and e.seq <= p.seq order by e.seq desc, e.index desc limit 1) e
    where ${condition}`
}

type Row = { account_id: string; name: string | null; type: string; path: string; currency: string; balance: string }

/** Accounts that do not stand at zero, by id, after the one that the last page ended with. */
export async function listBalances(
  snapshot: Snapshot,
  tenant: string,
  filter: BalanceFilter,
  asOf: AsOf,
  page: { readonly after: string | undefined; readonly limit: number },
): Promise<TrialBalanceRow[]> {
  const { rows } = await sql<Row>`
    select account_id, name, type, path, currency, balance::text as balance from (${balances(snapshot, tenant, filter, asOf)}) b
    where balance <> 0 and account_id > ${page.after ?? ''} collate "C" order by account_id limit ${page.limit}`.execute(
    snapshot.db,
  )
  return rows.map(({ account_id, balance, type, ...row }) => ({
    ...row,
    accountId: AccountId.parse(account_id),
    type: AccountType.parse(type),
    ...sidesOf(BigInt(balance)),
  }))
}

/** Debits and credits by currency. */
export async function totalBalances(
  snapshot: Snapshot,
  tenant: string,
  filter: BalanceFilter,
  asOf: AsOf,
): Promise<TrialBalanceTotal[]> {
  const { rows } = await sql<{ currency: string; accounts: number; debit: string; credit: string }>`
    select currency, count(*) filter (where balance <> 0)::int as accounts, coalesce(sum(-balance) filter (where balance < 0), 0)::text as debit,
      coalesce(sum(balance) filter (where balance > 0), 0)::text as credit
    from (${balances(snapshot, tenant, filter, asOf)}) b group by currency order by currency`.execute(snapshot.db)
  return rows
}

/** The net of each place in the chart that has accounts of its own. */
export async function pathBalances(
  snapshot: Snapshot,
  tenant: string,
  filter: BalanceFilter,
  asOf: AsOf,
): Promise<PathBalance[]> {
  const { rows } = await sql<{ path: string; currency: string; accounts: number; balance: string }>`
    select path, currency, count(*)::int as accounts, sum(balance)::text as balance
    from (${balances(snapshot, tenant, filter, asOf)}) b group by path, currency`.execute(snapshot.db)
  return rows.map((row) => ({ ...row, balance: BigInt(row.balance) }))
}
