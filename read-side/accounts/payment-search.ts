import type { AccountsDatabase, PaymentRow } from '@micropay/projections/accounts/tables'
import { type RawBuilder, sql } from 'kysely'
import { all, EXAMINED_ROWS, type Found, holds } from '../answer/conditions.ts'
import { type Snapshot, tableOf } from '../position/snapshot.ts'
import { allPayments, paymentAt } from './all-payments.ts'
import { behind, inOrder, type Order, orderOf, type PaymentsFilter } from './search.ts'
import type { Viewer } from './viewer.ts'

/**
 * Where a page ends: by when payments were decided, or by value date when that is what the list is ordered by; then by
 * position.
 */
export type PaymentPlace = { readonly at: Date; readonly partition: number; readonly seq: bigint }

/**
 * Newest first or as `sort` says, behind the place that the last page ended with. An owner's filters look at the
 * legs that the owner may see alone, so that no answer tells of the others.
 */
export async function searchPayments(
  snapshot: Snapshot<AccountsDatabase>,
  viewer: Viewer,
  filter: PaymentsFilter,
  from: PaymentPlace | undefined,
  limit: number,
): Promise<Found<PaymentRow, PaymentPlace>> {
  const ofTenant = viewer.owner === undefined && filter.account === undefined
  const search: Search = { snapshot, viewer, filter, from, order: orderOf(filter), ofTenant }
  const conditions = rowConditions(search)
  const examined = conditions.length === 0 ? limit : EXAMINED_ROWS
  const candidates = (most: number, skip = 0) =>
    ofTenant ? tenantPayments(search, most, skip) : accountPayments(search, most, skip)
  const found = await sql<PaymentRow>`
    select payment.* from ${candidates(examined)}
    where ${all(conditions)} ${ordered(search, sql`place`, sql`at`)} limit ${limit}`.execute(snapshot.db)
  if (found.rows.length >= limit || conditions.length === 0) return { rows: found.rows, examinedTo: undefined }
  const last = await sql<PaymentPlace>`
    select place.at, place.partition, place.seq from ${candidates(1, EXAMINED_ROWS - 1)}`.execute(snapshot.db)
  return { rows: found.rows, examinedTo: last.rows[0] }
}

type Search = {
  readonly snapshot: Snapshot<AccountsDatabase>
  readonly viewer: Viewer
  readonly filter: PaymentsFilter
  /** Where the last page ended. */
  readonly from: PaymentPlace | undefined
  readonly order: Order
  readonly ofTenant: boolean
}

const timeColumn = ({ order }: Search) => (order.byValueDate ? sql`effective_at` : sql`decided_at`)
const ordered = ({ order }: Search, of: RawBuilder<unknown>, at: RawBuilder<unknown>) =>
  inOrder([sql`${of}.${at}`, sql`${of}.partition`, sql`${of}.seq`], order)

/** What an index by time finds: a row's time and place. */
function placeConditions(search: Search, listed: RawBuilder<unknown>) {
  const { from, order } = search
  const at = sql`${listed}.${timeColumn(search)}`
  const { at: time, partition, seq } = from ?? {}
  return [
    ...timeConditions(search, at),
    from && sql`(${at}, ${listed}.partition, ${listed}.seq) ${behind(order)} (${time}, ${partition}, ${seq})`,
  ]
}

function timeConditions({ order }: Search, at: RawBuilder<unknown>) {
  return [order.since && sql`${at} >= ${order.since}`, order.before && sql`${at} < ${order.before}`]
}

/** All payments of a tenant in their order, as `payment` and `place`. */
function tenantPayments(search: Search, most: number, skip: number) {
  const { viewer, filter } = search
  const listed = sql`listed`
  // Of those inside a partition none is ever under way, and no index says so.
  const { snapshot } = search
  const source = filter.status === 'pending' ? tableOf(snapshot, 'across_payment') : allPayments(snapshot)
  const conditions = all([
    sql`listed.tenant = ${viewer.tenant}`,
    filter.reference === undefined ? undefined : sql`listed.reference = ${filter.reference}`,
    filter.status === undefined ? undefined : sql`listed.status = ${filter.status}`,
    ...placeConditions(search, listed),
  ])
  return sql`(select listed.*, listed.${timeColumn(search)} as at from ${source} as listed
    where ${conditions} ${ordered(search, listed, timeColumn(search))} limit ${most} offset ${skip}) as place
    cross join lateral (select place.*) as payment`
}

/** The first of each account that the viewer may see, merged, with which accounts those are (`own`). */
function accountPayments(search: Search, most: number, skip: number) {
  const { viewer, filter } = search
  const accounts = all([
    sql`account.tenant = ${viewer.tenant}`,
    viewer.owner === undefined ? undefined : sql`account.owner = ${viewer.owner}`,
    filter.account === undefined ? undefined : sql`account.account_id = ${filter.account}`,
  ])
  const each = most + skip
  const sources = {
    posted: [postedPayments(search, each), listedPayments(search, 'posted_across', each)],
    rejected: [listedPayments(search, 'refused_payment', each)],
    pending: [pendingPayments(search, each)],
  }
  const wanted = filter.status === undefined ? Object.values(sources).flat() : sources[filter.status]
  const listed = sql.join(
    wanted.map((source) => sql`(${source})`),
    sql` union all `,
  )
  return sql`(
      select newest.at, newest.partition, newest.seq, array_agg(account.account_id) as own
      from ${tableOf(search.snapshot, 'account')} as account cross join lateral (
        select * from (${listed}) as merged ${ordered(search, sql`merged`, sql`at`)} limit ${each}) as newest
      where ${accounts} group by newest.at, newest.partition, newest.seq
      ${ordered(search, sql`newest`, sql`at`)} limit ${most} offset ${skip}
    ) as place cross join lateral (
      select * from ${paymentAt(search.snapshot, sql`place.partition`, sql`place.seq`)} as named
      where named.tenant = ${viewer.tenant} limit 1) as payment`
}

/** What an index of `entry`, `refused_payment` or `posted_across` finds of `account`. */
const ofAccount = sql`listed.tenant = account.tenant and listed.account_id = account.account_id`

/**
 * Places of the posted payments of `account` inside its partition, from its entries: a payment has one or more on it.
 * All entries of an account are of its partition, where what is decided later stands later, so that their order is the
 * order of deciding, too.
 */
function postedPayments(search: Search, most: number) {
  const { from, order } = search
  const at = sql`listed.${timeColumn(search)}`
  const columns = order.byValueDate ? [at, sql`listed.seq`] : [sql`listed.seq`]
  const inside = sql`listed.nth is null`
  const conditions = all([ofAccount, inside, ...timeConditions(search, at), ...(from ? behindPlace(search, from) : [])])
  return sql`select distinct on (${sql.join(columns)}) ${at} as at, account.partition, listed.seq
    from ${tableOf(search.snapshot, 'entry')} as listed where ${conditions} ${inOrder(columns, order)} limit ${most}`
}

/**
 * Of the payments of that very time, those of lower partitions come before a place, and those of higher ones after it.
 */
function behindPlace({ order }: Search, { at, partition, seq }: PaymentPlace) {
  const bound = sql`case when account.partition = ${partition} then ${seq}::int8
    when account.partition < ${partition} then ${MAX_SEQ}::int8 else -1 end`
  if (order.byValueDate) return [sql`(listed.effective_at, listed.seq) ${behind(order)} (${at}, ${bound})`]
  const anySeq = order.oldestFirst ? sql`-1` : sql`${MAX_SEQ}::int8`
  return [
    sql`listed.seq ${behind(order)} case when account.partition = ${partition} then ${seq}::int8 else ${anySeq} end`,
    sql`(account.partition = ${partition} or (listed.decided_at, listed.seq) ${behind(order)} (${at}, ${bound}))`,
  ]
}

const MAX_SEQ = 2n ** 63n - 1n

/** Those that are listed under `account` by rows of their own, at their own places. */
function listedPayments(search: Search, table: 'refused_payment' | 'posted_across', most: number) {
  const listed = sql`listed`
  const conditions = all([ofAccount, ...placeConditions(search, listed)])
  return sql`select listed.${timeColumn(search)} as at, listed.partition, listed.seq
    from ${tableOf(search.snapshot, table)} as listed where ${conditions}
    ${ordered(search, listed, timeColumn(search))} limit ${most}`
}

/**
 * Those under way that take from `account`: as many as may be open at once are looked at. An owner is not shown what
 * others try to pay from an account elsewhere, of which it is not known yet who may.
 */
function pendingPayments(search: Search, most: number) {
  const { viewer, snapshot } = search
  const listed = sql`listed`
  const isSeen = sql`(listed.partition = account.partition or listed.actor = ${viewer.owner ?? null})`
  const conditions = all([
    sql`listed.status = 'pending'`,
    sql`listed.tenant = account.tenant`,
    sql`exists (select from jsonb_array_elements(listed.legs) as leg
      where leg->>'account' = account.account_id and (leg->>'amount')::int8 <= 0)`,
    viewer.owner === undefined ? undefined : isSeen,
    ...placeConditions(search, listed),
  ])
  return sql`select listed.${timeColumn(search)} as at, listed.partition, listed.seq
    from ${tableOf(snapshot, 'across_payment')} as listed where ${conditions}
    ${ordered(search, listed, timeColumn(search))} limit ${most}`
}

/** What has to be looked up row by row. */
function rowConditions(search: Search): RawBuilder<unknown>[] {
  const { filter, ofTenant } = search
  const conditions: RawBuilder<unknown>[] = []
  if (filter.reference !== undefined && !ofTenant) conditions.push(sql`payment.reference = ${filter.reference}`)
  if (filter.text !== undefined) {
    const { text } = filter
    conditions.push(sql`(${holds(sql`payment.reference`, text)} or ${holds(sql`payment.description`, text)})`)
  }
  const leg = legConditions(search)
  if (leg.length > 0) {
    conditions.push(sql`exists (select from jsonb_array_elements(payment.legs) as leg where ${all(leg)})`)
  }
  return conditions
}

/** One leg must meet them all: of a list of accounts it is on one of them, and one that such an account can see. */
function legConditions(search: Search): RawBuilder<unknown>[] {
  const { filter, ofTenant } = search
  const { minAmount, maxAmount, counterparty, direction } = filter
  if ([minAmount, maxAmount, counterparty, direction].every((each) => each === undefined)) return []
  const moved = sql`(leg->>'amount')::int8`
  const conditions: RawBuilder<unknown>[] = []
  if (!ofTenant) {
    conditions.push(sql`leg->>'account' = any(place.own)`, sql`(${moved} <= 0 or payment.status = 'posted')`)
  }
  if (minAmount !== undefined) conditions.push(sql`abs(${moved}) >= ${minAmount}::int8`)
  if (maxAmount !== undefined) conditions.push(sql`abs(${moved}) <= ${maxAmount}::int8`)
  if (direction !== undefined) conditions.push(direction === 'in' ? sql`${moved} > 0` : sql`${moved} < 0`)
  if (counterparty !== undefined) conditions.push(isAgainst(search, counterparty))
  return conditions
}

/**
 * Whether an account on the other side of `leg` is called so. Of legs without pairs an owner is told of the only
 * account there, as their entries tell, and of none while several may be the one, or while nothing has moved.
 */
function isAgainst(search: Search, counterparty: string) {
  const isOther = (other: RawBuilder<unknown>) =>
    sql`sign((${other}->>'amount')::int8) * sign((leg->>'amount')::int8) = -1
      and ${other}->'pair' is not distinct from leg->'pair' and ${other}->'currency' = leg->'currency'`
  const isTold = sql`(leg ? 'pair' or payment.status = 'posted' and not exists (
    select from jsonb_array_elements(payment.legs) as another
    where ${isOther(sql`another`)} and another->'account' <> other->'account'))`
  return sql`exists (select from jsonb_array_elements(payment.legs) as other where ${all([
    isOther(sql`other`),
    isCalled(search, sql`other->>'account'`, counterparty),
    search.viewer.owner === undefined ? undefined : isTold,
  ])})`
}

/** By id, or by a part of the name; who was not paid keeps their name to themselves. */
function isCalled(search: Search, accountId: RawBuilder<unknown>, counterparty: string) {
  const { viewer } = search
  const seen = viewer.owner === undefined ? sql`true` : sql`payment.status = 'posted'`
  return sql`(${accountId} = ${counterparty} or (${seen} and exists (
    select from ${tableOf(search.snapshot, 'account')} as named where named.account_id = ${accountId}
    and named.tenant = ${viewer.tenant} and ${holds(sql`named.name`, counterparty)})))`
}
