import type { AccountsDatabase, PaymentRow, StoredPosting } from '@micropay/projections/accounts/tables'
import { Payment } from '@micropay/schemas/payment'
import { formatPosition } from '@micropay/schemas/position'
import type { Kysely } from 'kysely'
import type { Viewer } from './viewer.ts'

type Database = Kysely<AccountsDatabase>

/** A payment that the viewer may see: one that touches an account of the owner's, or a refused one that such an account was to pay. */
export async function findPayment(db: Database, viewer: Viewer, paymentId: string): Promise<Payment | undefined> {
  const [, partition = '', seq = ''] = paymentId.split('-')
  const row = await db
    .selectFrom('payment')
    .where('partition', '=', Number(partition))
    .where('seq', '=', BigInt(seq))
    .where('tenant', '=', viewer.tenant)
    .selectAll()
    .executeTakeFirst()
  if (!row) return undefined
  const [payment] = await shownTo(db, viewer, [row])
  return payment
}

export type PaymentFilter = {
  readonly account?: string | undefined
  readonly status?: 'posted' | 'rejected' | undefined
}

/** Where a page ends: payments are ordered by when they were decided, and then by position. */
export type PaymentPlace = { readonly decidedAt: Date; readonly partition: number; readonly seq: bigint }

/** Newest first, before the place that the last page ended with. */
export async function listPayments(
  db: Database,
  viewer: Viewer,
  filter: PaymentFilter,
  before: PaymentPlace | undefined,
  limit: number,
): Promise<Payment[]> {
  const ofTenant = viewer.owner === undefined && filter.account === undefined
  const rows = await (ofTenant ? tenantPayments : accountPayments)(db, viewer, filter, before, limit)
  return shownTo(db, viewer, rows)
}

async function tenantPayments(
  db: Database,
  viewer: Viewer,
  filter: PaymentFilter,
  before: PaymentPlace | undefined,
  limit: number,
): Promise<PaymentRow[]> {
  let query = db.selectFrom('payment').where('tenant', '=', viewer.tenant).selectAll().limit(limit)
  query = query.orderBy('decided_at', 'desc').orderBy('partition', 'desc').orderBy('seq', 'desc')
  if (filter.status !== undefined) query = query.where('status', '=', filter.status)
  if (before) {
    query = query.where((eb) =>
      eb(eb.refTuple('decided_at', 'partition', 'seq'), '<', eb.tuple(before.decidedAt, before.partition, before.seq)),
    )
  }
  return query.execute()
}

/** The newest of each account that the viewer may see, merged: each account is read by index, no further than a page. */
async function accountPayments(
  db: Database,
  viewer: Viewer,
  filter: PaymentFilter,
  before: PaymentPlace | undefined,
  limit: number,
): Promise<PaymentRow[]> {
  let accounts = db.selectFrom('account').where('account.tenant', '=', viewer.tenant)
  if (viewer.owner !== undefined) accounts = accounts.where('account.owner', '=', viewer.owner)
  if (filter.account !== undefined) accounts = accounts.where('account.account_id', '=', filter.account)
  const places = accounts
    .innerJoinLateral(
      (lateral) => {
        let newest = lateral
          .selectFrom('payment_account as listed')
          .whereRef('listed.account_id', '=', 'account.account_id')
          .select(['listed.decided_at', 'listed.partition', 'listed.seq'])
          .orderBy('listed.decided_at', 'desc')
          .orderBy('listed.partition', 'desc')
          .orderBy('listed.seq', 'desc')
          .limit(limit)
        if (filter.status !== undefined) newest = newest.where('listed.status', '=', filter.status)
        if (before) {
          newest = newest.where((eb) =>
            eb(
              eb.refTuple('listed.decided_at', 'listed.partition', 'listed.seq'),
              '<',
              eb.tuple(before.decidedAt, before.partition, before.seq),
            ),
          )
        }
        return newest.as('newest')
      },
      (join) => join.onTrue(),
    )
    .select(['newest.decided_at', 'newest.partition', 'newest.seq'])
    .distinct()
    .orderBy('newest.decided_at', 'desc')
    .orderBy('newest.partition', 'desc')
    .orderBy('newest.seq', 'desc')
    .limit(limit)
    .as('place')
  return db
    .selectFrom(places)
    .innerJoin('payment', (join) =>
      join.onRef('payment.partition', '=', 'place.partition').onRef('payment.seq', '=', 'place.seq'),
    )
    .selectAll('payment')
    .orderBy('place.decided_at', 'desc')
    .orderBy('place.partition', 'desc')
    .orderBy('place.seq', 'desc')
    .execute()
}

/** An owner sees the postings that touch the owner's accounts, and not those of other people in the same payment. */
async function shownTo(db: Database, viewer: Viewer, rows: readonly PaymentRow[]): Promise<Payment[]> {
  if (viewer.owner === undefined) return rows.map((row) => paymentOf(row, row.postings))
  const named = new Set(rows.flatMap((row) => row.postings.flatMap((posting) => [posting.from, posting.to])))
  const own = await ownAccounts(db, viewer.tenant, viewer.owner, [...named])
  return rows.flatMap((row) => {
    const postings = row.postings.filter(
      (posting) => own.has(posting.from) || (row.status === 'posted' && own.has(posting.to)),
    )
    return postings.length > 0 ? [paymentOf(row, postings)] : []
  })
}

async function ownAccounts(
  db: Database,
  tenant: string,
  owner: string,
  accountIds: readonly string[],
): Promise<Set<string>> {
  if (accountIds.length === 0) return new Set()
  const found = await db
    .selectFrom('account')
    .where('tenant', '=', tenant)
    .where('owner', '=', owner)
    .where('account_id', 'in', accountIds)
    .select('account_id')
    .execute()
  return new Set(found.map((row) => row.account_id))
}

function paymentOf(row: PaymentRow, postings: readonly StoredPosting[]): Payment {
  return Payment.parse({
    paymentId: row.payment_id,
    position: formatPosition({ partition: row.partition, seq: Number(row.seq) }),
    status: row.status,
    rejection: row.rejection_code === null ? null : { code: row.rejection_code, detail: row.rejection_detail ?? '' },
    kind: row.kind,
    postings,
    effectiveAt: row.effective_at.toISOString(),
    decidedAt: row.decided_at.toISOString(),
    reference: row.reference,
    description: row.description,
    metadata: row.metadata,
    actor: row.actor,
  })
}
