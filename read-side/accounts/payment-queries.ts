import type { AccountsDatabase, PaymentRow, StoredPosting } from '@micropay/projections/accounts/tables'
import { Payment } from '@micropay/schemas/api/payment'
import { problems } from '@micropay/schemas/api/problem'
import { RejectionCode } from '@micropay/schemas/log/rejection'
import { formatPosition } from '@micropay/schemas/position'
import type { Kysely } from 'kysely'
import type { Viewer } from './viewer.ts'

type Database = Kysely<AccountsDatabase>

/**
 * A payment that the viewer may see: one that touches an account of the owner's, or a refused one that such an account
 * was to pay.
 */
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

/** An owner sees the postings that touch the owner's accounts, and not those of other people in the same payment. */
export async function shownTo(db: Database, viewer: Viewer, rows: readonly PaymentRow[]): Promise<Payment[]> {
  const named = new Set(rows.flatMap((row) => row.postings.flatMap((posting) => [posting.from, posting.to])))
  const accounts = await accountsNamed(db, viewer.tenant, [...named])
  const isOwn = (accountId: string) => viewer.owner === undefined || accounts.get(accountId)?.owner === viewer.owner
  return rows.flatMap((row) => {
    if (isOthersAttempt(row, viewer)) return []
    const posted = row.status === 'posted'
    // Who asks to pay a stranger and is refused does not learn the stranger's name.
    const nameOf = (accountId: string) => (posted || isOwn(accountId) ? (accounts.get(accountId)?.name ?? null) : null)
    const postings = row.postings
      .filter((posting) => isOwn(posting.from) || (posted && isOwn(posting.to)))
      .map((posting) => ({ ...posting, fromName: nameOf(posting.from), toName: nameOf(posting.to) }))
    const shown = postings.length < row.postings.length ? withoutDetail(row) : row
    return postings.length > 0 || viewer.owner === undefined ? [paymentOf(shown, postings, viewer)] : []
  })
}

/**
 * Anybody may name any account as the one that pays. Who is not the owner is refused, and must not write into the
 * owner's list that way.
 */
function isOthersAttempt({ status, rejection_code, actor }: PaymentRow, { owner }: Viewer): boolean {
  return owner !== undefined && status === 'rejected' && rejection_code === 'account_not_found' && actor !== owner
}

/** The sentence may tell what somebody else has on an account; the reason alone does not. */
function withoutDetail(row: PaymentRow): PaymentRow {
  const reason = RejectionCode.safeParse(row.rejection_code).data
  return reason === undefined ? row : { ...row, rejection_detail: problems[reason].title }
}

type Named = { readonly owner: string; readonly name: string | null }

async function accountsNamed(
  db: Database,
  tenant: string,
  accountIds: readonly string[],
): Promise<ReadonlyMap<string, Named>> {
  if (accountIds.length === 0) return new Map()
  const found = await db
    .selectFrom('account')
    .where('tenant', '=', tenant)
    .where('account_id', 'in', accountIds)
    .select(['account_id', 'owner', 'name'])
    .execute()
  return new Map(found.map(({ account_id, owner, name }) => [account_id, { owner, name }]))
}

type NamedPosting = StoredPosting & { readonly fromName: string | null; readonly toName: string | null }

/** Causes that the giver of a command was not told, and who gave it, are for staff. */
function paymentOf(row: PaymentRow, postings: readonly NamedPosting[], { owner }: Viewer): Payment {
  const cause = owner === undefined && row.rejection_cause ? { cause: row.rejection_cause } : {}
  const isTold = owner === undefined || owner === row.actor
  return Payment.parse({
    paymentId: row.payment_id,
    position: formatPosition({ partition: row.partition, seq: Number(row.seq) }),
    status: row.status,
    rejection:
      row.rejection_code === null ? null : { code: row.rejection_code, detail: row.rejection_detail ?? '', ...cause },
    kind: row.kind,
    postings,
    effectiveAt: row.effective_at.toISOString(),
    decidedAt: row.decided_at.toISOString(),
    reference: row.reference,
    description: row.description,
    metadata: row.metadata,
    ...(isTold ? { actor: row.actor } : {}),
  })
}
