import type { ReconciliationTables } from '@micropay/projections/reconciliation/tables'
import { AccountType } from '@micropay/schemas/account-type'
import type { TrialBalanceRow, TrialBalanceTotal } from '@micropay/schemas/api/reconciliation'
import { PayableId } from '@micropay/schemas/identifiers'
import { type RawBuilder, sql } from 'kysely'
import { z } from 'zod'
import { holds } from '../answer/conditions.ts'
import { type Snapshot, tableOf } from '../position/snapshot.ts'
import type { AsOf } from './as-of.ts'
import { nearestMonth } from './nearest-month.ts'
import type { PathBalance } from './roll-up.ts'
import { sidesOf, toldTotals } from './sides.ts'

export type BalanceFilter = {
  readonly currency?: string | undefined
  /** A place in the chart, and all below it. */
  readonly path?: string | undefined
  /** A part of the account's id, name or place. */
  readonly text?: string | undefined
}

/** `balances(account_id, name, type, path, currency, balance)`: every account of the tenant, as it stood. */
export function balances(
  snapshot: Snapshot<ReconciliationTables>,
  tenant: string,
  filter: BalanceFilter,
  asOf: AsOf,
): RawBuilder<unknown> {
  const account = tableOf(snapshot, 'ledger_account')
  const where = [sql`a.tenant = ${tenant}`]
  if (filter.currency !== undefined) where.push(sql`a.currency = ${filter.currency}`)
  if (filter.path !== undefined) where.push(sql`(a.path = ${filter.path} or a.path like ${`${filter.path}/%`})`)
  const { text } = filter
  if (text !== undefined) {
    where.push(sql`(${holds(sql`a.account_id`, text)} or ${holds(sql`a.name`, text)} or ${holds(sql`a.path`, text)})`)
  }
  const condition = sql.join(where, sql` and `)
  const columns = sql`a.account_id, a.name, a.type, a.path, a.currency`
  if (asOf.kind === 'now')
    return sql`select ${columns}, a.balance_minor as balance from ${account} a where ${condition}`
  if (asOf.kind === 'instant') {
    return sql`select ${columns}, m.balance
      from ${account} a join (${sumsBefore(snapshot, tenant, asOf.before)}) m using (account_id)
      where ${condition}`
  }
  const at = sql.join(asOf.positions.map(({ partition, seq }) => sql`(${partition}::int, ${seq}::int8)`))
  return sql`select ${columns}, e.balance_after_minor as balance
    from ${account} a join (values ${at}) p(partition, seq) on p.partition = a.partition
    cross join lateral (select balance_after_minor from ${tableOf(snapshot, 'ledger_entry')} e
      where e.tenant = a.tenant and e.account_id = a.account_id and e.seq <= p.seq
      order by e.seq desc, e.index desc limit 1) e
    where ${condition}`
}

/**
 * `sums(account_id, balance)` of the accounts that had an entry before the instant: whole months up to the beginning of
 * a month that is nearest to it, and what lies between the two.
 */
function sumsBefore(snapshot: Snapshot<ReconciliationTables>, tenant: string, instant: Date): RawBuilder<unknown> {
  const month = nearestMonth(instant)
  const isAfter = month.getTime() > instant.getTime()
  const [since, before, sign] = isAfter ? [instant, month, sql`-`] : [month, instant, sql`+`]
  return sql`select account_id, sum(moved) as balance from (
      select account_id, in_minor - out_minor as moved, entries from ${tableOf(snapshot, 'account_month')}
      where tenant = ${tenant} and month < ${month}
      union all
      select account_id, ${sign} (in_minor - out_minor), ${sign} entries from ${tableOf(snapshot, 'movement')}
      where tenant = ${tenant} and quarter >= ${since} and quarter < ${before}
    ) s group by account_id having sum(entries) > 0`
}

type Row = {
  account_id: string
  name: string | null
  type: string
  path: string
  currency: string
  /** A name of its own: by that of the column, rows would be put into the order of its digits. */
  balance_text: string
}
/** Totals stand without a page when nothing is left to list. */
type Nothing = { account_id: null }

/**
 * By id, by place, or by the amount on a side, each currency for itself; with a minus the last or the largest first.
 */
export const BalanceSort = z.enum(['account', '-account', 'path', '-path', 'debit', '-debit', 'credit', '-credit'])
export type BalanceSort = z.infer<typeof BalanceSort>

type BalanceOrder = {
  readonly columns: readonly RawBuilder<unknown>[]
  readonly descending: boolean
  keysOf(row: TrialBalanceRow): readonly string[]
}
const byId = { columns: [sql`account_id`], keysOf: ({ accountId }: TrialBalanceRow) => [accountId] }
const byPath = {
  columns: [sql`path`, sql`account_id`],
  keysOf: ({ path, accountId }: TrialBalanceRow) => [path, accountId],
}
/**
 * What the largest debit is the first of is what the largest credit is the last of. The least balance of all has no
 * opposite in int8.
 */
const debitsFirst = {
  columns: [sql`currency`, sql`balance`, sql`account_id`],
  descending: false,
  keysOf: (row: TrialBalanceRow) => [row.currency, balanceOf(row).toString(), row.accountId],
}
const creditsFirst = {
  columns: [sql`currency`, sql`-balance::numeric`, sql`account_id`],
  descending: false,
  keysOf: (row: TrialBalanceRow) => [row.currency, (-balanceOf(row)).toString(), row.accountId],
}
export const balanceOrders: Readonly<Record<BalanceSort, BalanceOrder>> = {
  account: { ...byId, descending: false },
  '-account': { ...byId, descending: true },
  path: { ...byPath, descending: false },
  '-path': { ...byPath, descending: true },
  debit: creditsFirst,
  '-debit': debitsFirst,
  credit: debitsFirst,
  '-credit': creditsFirst,
}

const balanceOf = ({ debit, credit }: TrialBalanceRow) => BigInt(credit) - BigInt(debit)

type BalancePage = {
  readonly sort: BalanceSort
  /** The keys of the row that the last page ended with. */
  readonly after: readonly string[] | undefined
  readonly limit: number
}

/**
 * Debits and credits by currency, and a page of the accounts that do not stand at zero. Both in one statement, since
 * adding up what the accounts stood at is most of the work.
 */
export async function trialBalance(
  snapshot: Snapshot<ReconciliationTables>,
  tenant: string,
  filter: BalanceFilter,
  asOf: AsOf,
  { sort, after, limit }: BalancePage,
): Promise<{ totals: TrialBalanceTotal[]; found: TrialBalanceRow[] }> {
  const { columns, descending } = balanceOrders[sort]
  const [direction, behind] = descending ? [sql`desc`, sql`<`] : [sql`asc`, sql`>`]
  const rest = after === undefined ? sql`true` : sql`(${sql.join(columns)}) ${behind} (${sql.join(after)})`
  const order = sql.join(columns.map((column) => sql`${column} ${direction}`))
  const { rows } = await sql<{ totals: TrialBalanceTotal[] } & (Row | Nothing)>`
    with b as materialized (${balances(snapshot, tenant, filter, asOf)}),
      total as (
        select currency, count(*) filter (where balance <> 0)::int as accounts,
          coalesce(-sum(balance) filter (where balance < 0), 0)::text as debit,
          coalesce(sum(balance) filter (where balance > 0), 0)::text as credit
        from b group by currency
      ),
      page as (select * from b where balance <> 0 and ${rest} order by ${order} limit ${limit})
    select t.totals, account_id, name, type, path, currency, balance::text as balance_text
    from (select coalesce(json_agg(total order by currency), '[]') as totals from total) t left join page on true
    order by ${order}`.execute(snapshot.db)
  const found = rows.flatMap((row) => (row.account_id === null ? [] : [rowOf(row)]))
  return { totals: toldTotals(rows[0]?.totals ?? []), found }
}

function rowOf({ account_id, name, type, path, currency, balance_text }: Row): TrialBalanceRow {
  const accountId = PayableId.parse(account_id)
  return { accountId, name, type: AccountType.parse(type), path, currency, ...sidesOf(BigInt(balance_text)) }
}

/** The net of each place in the chart that has accounts of its own. */
export async function pathBalances(
  snapshot: Snapshot<ReconciliationTables>,
  tenant: string,
  filter: BalanceFilter,
  asOf: AsOf,
): Promise<PathBalance[]> {
  const { rows } = await sql<{ path: string; currency: string; accounts: number; balance: string }>`
    select path, currency, count(*)::int as accounts, sum(balance)::text as balance
    from (${balances(snapshot, tenant, filter, asOf)}) b group by path, currency`.execute(snapshot.db)
  return rows.map((row) => ({ ...row, balance: BigInt(row.balance) }))
}
