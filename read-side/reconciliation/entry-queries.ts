import type { LedgerEntryRow, ReconciliationTables } from '@micropay/projections/reconciliation/tables'
import type { DailyTotal, LedgerEntry } from '@micropay/schemas/api/reconciliation'
import { PayableId } from '@micropay/schemas/identifiers'
import { formatPosition } from '@micropay/schemas/position'
import { type RawBuilder, sql } from 'kysely'
import { all, type Found } from '../answer/conditions.ts'
import { toldSum } from '../answer/sum.ts'
import { wholeEntries } from '../answer/whole-entries.ts'
import type { AccountName } from '../position/account-name.ts'
import { type Snapshot, tableOf } from '../position/snapshot.ts'
import type { AsOf } from './as-of.ts'

export type EntryPlace = { readonly effectiveAt: Date; readonly seq: bigint; readonly index: number }

/** What payments call what they are for; empty: those that say nothing. */
type Names = { readonly operation?: string | undefined; readonly purpose?: string | undefined }

/**
 * The entries behind an account's balance, newest value date first or oldest; undefined when there is no such account.
 * No index knows their names, so those of one name are looked for among `examined` entries at a time.
 */
export async function listLedgerEntries(
  snapshot: Snapshot<ReconciliationTables>,
  account: AccountName,
  range: { readonly asOf: AsOf; readonly since: Date | undefined } & Names,
  page: {
    readonly from: EntryPlace | undefined
    readonly limit: number
    readonly oldestFirst: boolean
    readonly examined: number
  },
): Promise<Found<ToldEntry, EntryPlace> | undefined> {
  const { tenant, accountId } = account
  const homes = await sql<{ partition: number }>`select partition from ${tableOf(snapshot, 'ledger_account')}
    where account_id = ${accountId} and tenant = ${tenant}`.execute(snapshot.db)
  const [home] = homes.rows
  if (!home) return undefined
  const { asOf, since } = range
  const where = [sql`tenant = ${tenant}`, sql`account_id = ${accountId}`]
  if (since !== undefined) where.push(sql`effective_at >= ${since}`)
  if (asOf.kind === 'instant') where.push(sql`effective_at < ${asOf.before}`)
  if (asOf.kind === 'position') {
    const at = asOf.positions.find(({ partition }) => partition === home.partition)
    where.push(sql`seq <= ${at?.seq ?? 0}`)
  }
  const [behind, direction] = page.oldestFirst ? [sql`>`, sql`asc`] : [sql`<`, sql`desc`]
  if (page.from) {
    const { effectiveAt, seq, index } = page.from
    where.push(sql`(effective_at, seq, index) ${behind} (${effectiveAt}, ${seq}, ${index})`)
  }
  const ordered = sql`order by effective_at ${direction}, seq ${direction}, index ${direction}`
  const listed = sql`select * from ${tableOf(snapshot, 'ledger_entry')} where ${all(where)} ${ordered}`
  const told = (entries: RawBuilder<unknown>) =>
    sql`select * from ${ledgerEntries(snapshot, entries)} as told ${ordered}`
  const names = namedAs(range, (name) => nameOfEntry(snapshot, name))
  if (names.length === 0) {
    const { rows } = await sql<ToldEntry>`${told(sql`(${listed} limit ${page.limit})`)}`.execute(snapshot.db)
    return { rows, examinedTo: undefined }
  }
  const examined = sql`(${listed} limit ${page.examined}) as examined`
  const found = sql`(select * from ${examined} where ${all(names)} ${ordered} limit ${page.limit})`
  const { rows } = await sql<ToldEntry>`${told(found)}`.execute(snapshot.db)
  if (rows.length >= page.limit) return { rows, examinedTo: undefined }
  const last = await sql<LedgerEntryRow>`${listed} offset ${page.examined - 1} limit 1`.execute(snapshot.db)
  return { rows, examinedTo: last.rows.map(placeOf)[0] }
}

/** An entry with what its payment tells of it. */
export type ToldEntry = Omit<LedgerEntryRow, 'tenant' | 'balance_after_minor' | 'operation' | 'purpose' | 'nth'>

/** `entries` are rows of `ledger_entry`. */
export function ledgerEntries(
  snapshot: Snapshot<ReconciliationTables>,
  entries: RawBuilder<unknown>,
): RawBuilder<unknown> {
  return wholeEntries(entries, tableOf(snapshot, 'across_payment'), {
    own: [
      ...['account_id', 'partition', 'seq', 'index', 'payment_id', 'amount_minor', 'currency'],
      ...['effective_at', 'decided_at'],
    ],
    told: ['reference', 'description'],
  })
}

export function placeOf({ effective_at, seq, index }: ToldEntry): EntryPlace {
  return { effectiveAt: effective_at, seq, index }
}

type Name = keyof Names

function namedAs(names: Names, called: (name: Name) => RawBuilder<unknown>): RawBuilder<unknown>[] {
  return (['operation', 'purpose'] as const).flatMap((name) =>
    names[name] === undefined ? [] : [sql`${called(name)} = ${names[name]}`],
  )
}

/** Of `examined`, rows of `ledger_entry`: of a payment across partitions its coordinator's says it, once it is read. */
function nameOfEntry(snapshot: Snapshot<ReconciliationTables>, name: Name): RawBuilder<unknown> {
  return sql`coalesce((select across.${sql.id(name)} from ${tableOf(snapshot, 'across_payment')} as across
    where examined.nth is not null and across.payment_id = examined.payment_id), examined.${sql.id(name)})`
}

export function entryOf(row: ToldEntry): LedgerEntry {
  return {
    position: formatPosition({ partition: row.partition, seq: Number(row.seq) }),
    index: row.index,
    paymentId: row.payment_id,
    counterparty: PayableId.nullable().parse(row.counterparty),
    amount: row.amount_minor.toString(),
    currency: row.currency,
    effectiveAt: row.effective_at.toISOString(),
    decidedAt: row.decided_at.toISOString(),
    reference: row.reference,
    description: row.description,
  }
}

export type DailyFilter = Names & {
  readonly by: 'none' | 'account' | 'operation' | 'purpose'
  readonly since: Date
  readonly before: Date
  readonly zone: string
  readonly currency?: string | undefined
  readonly account?: string | undefined
  readonly type?: string | undefined
}

/** What came in and went out each day of the zone, by value date. */
export async function dailyTotals(
  snapshot: Snapshot<ReconciliationTables>,
  tenant: string,
  filter: DailyFilter,
  limit: number,
): Promise<DailyTotal[]> {
  const { by, since, before, zone, account, type } = filter
  const isOfAccounts = by === 'account' || account !== undefined
  const isByName = by === 'operation' || by === 'purpose'
  const isNamed = isByName || filter.operation !== undefined || filter.purpose !== undefined
  const group = by === 'none' ? sql`''::text` : sql.id(by === 'account' ? 'account_id' : by)
  const where = [sql`tenant = ${tenant} and quarter >= ${since} and quarter < ${before}`]
  where.push(...namedAs(filter, (name) => sql.id(name)))
  if (filter.currency !== undefined) where.push(sql`currency = ${filter.currency}`)
  if (account !== undefined) where.push(sql`account_id = ${account}`)
  const ofType = sql`account_id in (select account_id from ${tableOf(snapshot, 'ledger_account')}
    where tenant = ${tenant} and type = ${type})`
  const found = (sums: RawBuilder<unknown>, typed: RawBuilder<unknown>) =>
    sql`select quarter, ${group} as "group", currency, in_minor, out_minor, entries from ${sums}
      where ${all(type === undefined ? where : [...where, typed])}`
  const counted = isOfAccounts
    ? found(tableOf(snapshot, 'movement'), ofType)
    : found(tableOf(snapshot, 'quarter_total'), sql`type = ${type}`)
  const sums = isNamed ? sql`${counted} union all ${found(renamed(snapshot), ofType)}` : counted
  const { rows } = await sql<{
    day: string
    group: string
    currency: string
    in: string
    out: string
    entries: number
  }>`
    select to_char(day::timestamp, 'YYYY-MM-DD') as day, "group", currency, "in"::text as "in", "out"::text as "out",
      entries
    from (
      select (quarter at time zone ${zone}::text)::date as day, "group", currency,
        sum(in_minor) as "in", sum(out_minor) as "out", sum(entries)::int as entries
      from (${sums}) s group by 1, 2, 3 having sum(entries) > 0
    ) d order by day, "group", currency limit ${limit}`.execute(snapshot.db)
  return rows.map((total) => ({ ...total, in: toldSum(total.in), out: toldSum(total.out) }))
}

/** What is left to make sums those by name: each leg is added under its payment's names, and taken from none. */
function renamed(snapshot: Snapshot<ReconciliationTables>): RawBuilder<unknown> {
  return sql`(
    select leg.tenant, leg.account_id, leg.type, leg.quarter, leg.currency, named.operation, named.purpose,
      times * leg.in_minor as in_minor, times * leg.out_minor as out_minor, times as entries
    from ${tableOf(snapshot, 'unnamed_leg')} as leg
    join ${tableOf(snapshot, 'across_payment')} as across using (payment_id)
    cross join lateral (values (1, across.operation, across.purpose), (-1, '', '')) as named(times, operation, purpose)
  ) as renamed`
}
