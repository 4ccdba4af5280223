import type { AccountsDatabase, PaymentRow } from '@micropay/projections/accounts/tables'
import { MOST_REFUNDS_SHOWN, type Payment, type PaymentWithRefunds, type RefundOf } from '@micropay/schemas/api/payment'
import { PayableId, type PaymentId, placeOfId } from '@micropay/schemas/identifiers'
import { isGivenBackBeyond } from '@micropay/schemas/left-over'
import { sql } from 'kysely'
import type { Snapshot } from '../position/snapshot.ts'
import { allPayments, paymentAt } from './all-payments.ts'
import { accountsNamed, shownTo } from './payment-queries.ts'
import type { Viewer } from './viewer.ts'

/**
 * A payment that the viewer may see: one that touches an account of the owner's, or a refused one that such an account
 * was to pay.
 */
export async function findPayment(
  snapshot: Snapshot<AccountsDatabase>,
  viewer: Viewer,
  paymentId: PaymentId,
): Promise<PaymentWithRefunds | undefined> {
  const { partition, seq } = placeOfId(paymentId)
  const found = await sql<PaymentRow>`
    select * from ${paymentAt(snapshot, sql`${partition}::int`, sql`${seq}::int8`)} as payment
    where tenant = ${viewer.tenant}`.execute(snapshot.db)
  const [row] = found.rows
  if (!row) return undefined
  const [payment] = await shownTo(snapshot.db, viewer, [row])
  if (!payment) return undefined
  const [refunds, refundable] = await Promise.all([
    refundsOf(snapshot, viewer, row),
    refundableOf(snapshot, viewer, row),
  ])
  return { ...payment, refunds, refundable }
}

/** What was given back of a payment, with what the viewer sees of each refund. */
async function refundsOf(
  snapshot: Snapshot<AccountsDatabase>,
  viewer: Viewer,
  { payment_id }: PaymentRow,
): Promise<RefundOf[]> {
  const { rows } = await sql<PaymentRow>`
    select * from ${refundsFor(snapshot, viewer, payment_id, ['posted'])} as refund
    order by partition, seq limit ${MOST_REFUNDS_SHOWN}`.execute(snapshot.db)
  const shown = await shownTo(snapshot.db, viewer, rows)
  return shown.map(({ paymentId, position, reverses, legs, decidedAt }) => {
    return { paymentId, position, whole: reverses?.whole ?? false, amounts: amountsOf(legs), decidedAt }
  })
}

/**
 * What the payment has moved on each account less what was given back, where that is not nothing: of all accounts for
 * staff, of their own for an owner; a refund under way counts as given. Of a refund, and of what was refused, nothing;
 * nor of what more was given back of.
 */
async function refundableOf(
  snapshot: Snapshot<AccountsDatabase>,
  viewer: Viewer,
  row: PaymentRow,
): Promise<PaymentWithRefunds['refundable']> {
  if (row.status !== 'posted' || row.reverses !== null) return []
  const given = await sql<{ account: string; minor: string }>`
    select leg->>'account' as account, sum((leg->>'amount')::int8)::text as minor
    from ${refundsFor(snapshot, viewer, row.payment_id, ['posted', 'pending'])} as refund,
      jsonb_array_elements(refund.legs) as leg
    group by leg->>'account'`.execute(snapshot.db)
  const back = new Map(given.rows.map(({ account, minor }) => [account, BigInt(minor)]))
  const left = new Map<string, { moved: bigint; minor: bigint; currency: string }>()
  for (const { account, amount, currency } of row.legs) {
    const moved = (left.get(account)?.moved ?? 0n) + BigInt(amount)
    left.set(account, { moved, minor: moved + (back.get(account) ?? 0n), currency })
  }
  if ([...left.values()].some(({ moved, minor }) => isGivenBackBeyond(moved, minor))) return []
  const accounts =
    viewer.owner === undefined ? undefined : await accountsNamed(snapshot.db, viewer.tenant, [...left.keys()])
  return [...left].flatMap(([account, { minor, currency }]) => {
    const isSeen = accounts === undefined || accounts.get(account)?.owner === viewer.owner
    return isSeen && minor !== 0n ? [{ account: PayableId.parse(account), amount: minor.toString(), currency }] : []
  })
}

function refundsFor(
  snapshot: Snapshot<AccountsDatabase>,
  { tenant }: Viewer,
  paymentId: string,
  statuses: readonly PaymentRow['status'][],
) {
  return sql`(select * from ${allPayments(snapshot)} as given
    where given.reverses = ${paymentId} and given.tenant = ${tenant} and given.status in (${sql.join(statuses)}))`
}

/** The larger side in each currency: of others' legs a viewer sees none. */
function amountsOf(legs: Payment['legs']): RefundOf['amounts'] {
  const currencies = [...new Set(legs.map(({ currency }) => currency))]
  return currencies.map((currency) => {
    const moved = legs.filter((leg) => leg.currency === currency).map(({ amount }) => BigInt(amount))
    const out = sumOf(moved.filter((minor) => minor < 0n))
    const into = sumOf(moved.filter((minor) => minor > 0n))
    return { currency, amount: larger(-out, into).toString() }
  })
}

function sumOf(minors: readonly bigint[]): bigint {
  return minors.reduce((sum, minor) => sum + minor, 0n)
}

function larger(one: bigint, other: bigint): bigint {
  if (one > other) return one
  return other
}
