import type { AccountsDatabase } from '@micropay/projections/accounts/tables'
import { type RawBuilder, sql } from 'kysely'
import { type Snapshot, tableOf } from '../position/snapshot.ts'

/** Payments inside a partition and across several, each with its `deadline` or null: a row source of `PaymentRow`s. */
export function allPayments(snapshot: Snapshot<AccountsDatabase>): RawBuilder<unknown> {
  return sql`(select *, null::timestamptz as deadline from ${tableOf(snapshot, 'payment')}
    union all select * from ${tableOf(snapshot, 'across_payment')})`
}

/** The one that was decided, or begun, at a place. */
export function paymentAt(
  snapshot: Snapshot<AccountsDatabase>,
  partition: RawBuilder<unknown>,
  seq: RawBuilder<unknown>,
): RawBuilder<unknown> {
  return sql`(select *, null::timestamptz as deadline from ${tableOf(snapshot, 'payment')} as inside
      where inside.partition = ${partition} and inside.seq = ${seq}
    union all select * from ${tableOf(snapshot, 'across_payment')} as across
      where across.payment_id = 'pay-' || ${partition} || '-' || ${seq})`
}
