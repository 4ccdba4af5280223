import type { AccountsDatabase, EntryRow } from '@micropay/projections/accounts/tables'
import type { Account, Entry } from '@micropay/schemas/api/account'
import type { BalanceOn } from '@micropay/schemas/api/balance'
import { PayableId, PaymentId } from '@micropay/schemas/identifiers'
import { formatPosition } from '@micropay/schemas/position'
import { type RawBuilder, sql } from 'kysely'
import { all, EXAMINED_ROWS, type Found, holds } from '../answer/conditions.ts'
import { toldSum } from '../answer/sum.ts'
import { wholeEntries } from '../answer/whole-entries.ts'
import type { AccountName } from '../position/account-name.ts'
import { type Snapshot, tableOf } from '../position/snapshot.ts'
import { behind, type EntriesFilter, inOrder, orderOf } from './search.ts'

/** Where a page ends; `at` counts when the list is ordered by value date. */
export type EntryPlace = { readonly at: Date; readonly seq: bigint; readonly index: number }

/** An account's entries, newest first or as `sort` says, behind the place that the last page ended with. */
export async function searchEntries(
  snapshot: Snapshot<AccountsDatabase>,
  { tenant, accountId }: AccountName,
  filter: EntriesFilter,
  from: EntryPlace | undefined,
  limit: number,
): Promise<Found<Entry, EntryPlace>> {
  const order = orderOf(filter)
  const conditions = entryConditions(filter)
  const columns = order.byValueDate ? [sql`effective_at`, sql`seq`, sql`index`] : [sql`seq`, sql`index`]
  const place = from && (order.byValueDate ? [from.at, from.seq, from.index] : [from.seq, from.index])
  const ordered = inOrder(columns, order)
  const within = all([
    sql`tenant = ${tenant}`,
    sql`account_id = ${accountId}`,
    order.since && sql`effective_at >= ${order.since}`,
    order.before && sql`effective_at < ${order.before}`,
    place && sql`(${sql.join(columns)}) ${behind(order)} (${sql.join(place)})`,
  ])
  const candidates = (most: number, skip = 0) =>
    sql`(select * from ${tableOf(snapshot, 'entry')} where ${within} ${ordered} limit ${most} offset ${skip})`
  const found = await sql<ListedEntry>`
    select entry.*, other.name as counterparty_name
    from ${whole(snapshot, candidates(conditions.length === 0 ? limit : EXAMINED_ROWS))} as entry
    left join lateral (select name from ${tableOf(snapshot, 'account')} as named
      where named.tenant = ${tenant} and named.account_id = entry.counterparty limit 1) as other on true
    where ${all(conditions)} ${ordered} limit ${limit}`.execute(snapshot.db)
  const rows = found.rows.map(entryOf)
  if (rows.length >= limit || conditions.length === 0) return { rows, examinedTo: undefined }
  const last = await sql<EntryPlace>`
    select effective_at as at, seq, index from ${candidates(1, EXAMINED_ROWS - 1)} as entry`.execute(snapshot.db)
  return { rows, examinedTo: last.rows[0] }
}

function whole(snapshot: Snapshot<AccountsDatabase>, entries: RawBuilder<unknown>): RawBuilder<unknown> {
  return wholeEntries(entries, tableOf(snapshot, 'across_payment'), {
    own: [
      ...['partition', 'seq', 'index', 'payment_id', 'amount_minor', 'currency', 'balance_after_minor'],
      ...['effective_at', 'decided_at'],
    ],
    told: ['kind', 'reference', 'description', 'reverses'],
  })
}

function entryConditions(filter: EntriesFilter): RawBuilder<unknown>[] {
  const { minAmount, maxAmount, counterparty, reference, text, direction } = filter
  const conditions: RawBuilder<unknown>[] = []
  if (minAmount !== undefined) conditions.push(sql`abs(amount_minor) >= ${minAmount}::int8`)
  if (maxAmount !== undefined) conditions.push(sql`abs(amount_minor) <= ${maxAmount}::int8`)
  if (direction !== undefined) conditions.push(direction === 'in' ? sql`amount_minor > 0` : sql`amount_minor < 0`)
  if (reference !== undefined) conditions.push(sql`reference = ${reference}`)
  if (text !== undefined) conditions.push(sql`(${holds(sql`reference`, text)} or ${holds(sql`description`, text)})`)
  if (counterparty !== undefined)
    conditions.push(sql`(counterparty = ${counterparty} or ${holds(sql`other.name`, counterparty)})`)
  return conditions
}

/**
 * What the account held before an instant: by value date from its entries, of which those on the nearer side are
 * summed, and by booking its running balance after the last payment of its partition by then, which is decided never
 * before the one before it.
 */
export async function balanceBefore(
  snapshot: Snapshot<AccountsDatabase>,
  tenant: string,
  account: Pick<Account, 'accountId' | 'balance' | 'openedAt' | 'changedAt'>,
  before: Date,
): Promise<Pick<BalanceOn, 'byValueDate' | 'byBooking'>> {
  const { accountId, balance, openedAt, changedAt } = account
  const entry = tableOf(snapshot, 'entry')
  const [payment, owned] = [tableOf(snapshot, 'payment'), tableOf(snapshot, 'account')]
  const isLate = 2 * before.getTime() > Date.parse(openedAt) + Date.parse(changedAt)
  const side = isLate ? sql`effective_at >= ${before}` : sql`effective_at < ${before}`
  const ofAccount = sql`tenant = ${tenant} and account_id = ${accountId}`
  const lastBefore = (booked: RawBuilder<unknown>) => sql`select booked.seq from ${booked} as booked
    where booked.tenant = ${tenant} and booked.partition = (select partition from ${owned} where ${ofAccount})
      and booked.decided_at < ${before}
    order by booked.decided_at desc, booked.partition desc, booked.seq desc limit 1`
  const found = await sql<{ moved: string; by_booking: string }>`select
    (select coalesce(sum(amount_minor), 0) from ${entry} where ${ofAccount} and ${side})::text as moved,
    coalesce((select balance_after_minor from ${entry} where ${ofAccount} and seq <= greatest(
        (${lastBefore(payment)}), (${lastBefore(tableOf(snapshot, 'posted_legs'))}))
      order by seq desc, index desc limit 1), 0)::text as by_booking`.execute(snapshot.db)
  const { moved, by_booking: byBooking } = found.rows[0] ?? { moved: '0', by_booking: '0' }
  return { byValueDate: toldSum(isLate ? BigInt(balance) - BigInt(moved) : moved), byBooking }
}

type ListedEntry = Omit<EntryRow, 'account_id' | 'tenant' | 'nth'> & { readonly counterparty_name: string | null }

function entryOf(row: ListedEntry): Entry {
  return {
    position: formatPosition({ partition: row.partition, seq: Number(row.seq) }),
    index: row.index,
    paymentId: row.payment_id,
    kind: row.kind,
    counterparty: PayableId.nullable().parse(row.counterparty),
    counterpartyName: row.counterparty_name,
    amount: row.amount_minor.toString(),
    currency: row.currency,
    balanceAfter: row.balance_after_minor.toString(),
    effectiveAt: row.effective_at.toISOString(),
    decidedAt: row.decided_at.toISOString(),
    reference: row.reference,
    description: row.description,
    reverses: PaymentId.nullable().parse(row.reverses),
  }
}
