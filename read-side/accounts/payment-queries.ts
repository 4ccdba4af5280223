import type { AccountsDatabase, PaymentRow, StoredLeg } from '@micropay/projections/accounts/tables'
import { Payment } from '@micropay/schemas/api/payment'
import { problems } from '@micropay/schemas/api/problem'
import { notPayableWords, RejectionCode, refusedBeforeItsLegs } from '@micropay/schemas/log/rejection'
import { isToPay } from '@micropay/schemas/paying-legs'
import { formatPosition } from '@micropay/schemas/position'
import type { Kysely } from 'kysely'
import type { Viewer } from './viewer.ts'

type Database = Kysely<AccountsDatabase>

/**
 * An owner sees the legs on the owner's accounts, with the other leg of each pair, and not those of other people in
 * the same payment.
 */
export async function shownTo(db: Database, viewer: Viewer, rows: readonly PaymentRow[]): Promise<Payment[]> {
  const named = new Set(rows.flatMap((row) => row.legs.map(({ account }) => account)))
  const accounts = await accountsNamed(db, viewer.tenant, [...named])
  const isOwn = (accountId: string) => viewer.owner === undefined || accounts.get(accountId)?.owner === viewer.owner
  // Of accounts on other partitions nobody knew, when it began, who may pay from them.
  const isOthersUnderWay = (row: PaymentRow) => {
    if (row.deadline === null || row.status === 'posted' || [undefined, row.actor].includes(viewer.owner)) return false
    const isThere = ({ account }: StoredLeg) => accounts.get(account)?.partition === row.partition && isOwn(account)
    return !row.legs.some((leg) => isToPay(leg) && isThere(leg))
  }
  return rows.flatMap((row) => {
    if (isOthersAttempt(row, viewer) || isOthersUnderWay(row)) return []
    const posted = row.status === 'posted'
    // Who asks to pay a stranger and is refused does not learn the stranger's name.
    const nameOf = (accountId: string) => (posted || isOwn(accountId) ? (accounts.get(accountId)?.name ?? null) : null)
    const isShown = (leg: StoredLeg) => viewer.owner === undefined || (isOwn(leg.account) && (posted || isToPay(leg)))
    const pairs = new Set(row.legs.flatMap((leg) => (isShown(leg) && leg.pair !== undefined ? [leg.pair] : [])))
    const legs = row.legs
      .filter((leg) => isShown(leg) || (leg.pair !== undefined && pairs.has(leg.pair)))
      .map((leg) => ({ ...leg, name: nameOf(leg.account) }))
    const told = withoutOthersCause(row, viewer, legs, isOwn)
    const shown = told === row && legs.length < row.legs.length ? withoutDetail(row) : told
    const isTold = legs.length > 0 || viewer.owner === undefined || row.actor === viewer.owner
    return isTold ? [paymentOf(shown, legs, viewer)] : []
  })
}

/**
 * Anybody may name any account as the one that pays. Who is not the owner is refused, and must not write into the
 * owner's list that way.
 */
function isOthersAttempt({ status, rejection_code, actor }: PaymentRow, { owner }: Viewer): boolean {
  if (owner === undefined || owner === actor || status === 'posted') return false
  const code = RejectionCode.safeParse(rejection_code).data
  return code === 'account_not_found' || (code !== undefined && refusedBeforeItsLegs.has(code))
}

/**
 * What an account of somebody else's was refused for is not told to those whom nobody has told it: staff gave the
 * command, or approved it in vain. They hear what a customer who pays such an account does.
 */
function withoutOthersCause(
  row: PaymentRow,
  { owner }: Viewer,
  legs: readonly StoredLeg[],
  isOwn: (accountId: string) => boolean,
): PaymentRow {
  const others = row.rejection_accounts?.filter((accountId) => !isOwn(accountId)) ?? []
  if (owner === undefined || owner === row.actor || others.length === 0) return row
  // Another one who was to pay could be paid: that it was not enough is no secret, how much is.
  if (row.rejection_code === 'insufficient_funds') return withoutDetail(row)
  const [first = '', ...more] = others
  const isNamed = more.length === 0 && legs.some(({ account }) => account === first)
  const rejection_detail = isNamed ? notPayableWords(first) : problems.payee_not_payable.title
  return { ...row, rejection_code: 'payee_not_payable', rejection_detail }
}

/** The sentence may tell what somebody else has on an account; the reason alone does not. */
function withoutDetail(row: PaymentRow): PaymentRow {
  const reason = RejectionCode.safeParse(row.rejection_code).data
  return reason === undefined ? row : { ...row, rejection_detail: problems[reason].title }
}

type Named = { readonly owner: string; readonly name: string | null; readonly partition: number }

export async function accountsNamed(
  db: Database,
  tenant: string,
  accountIds: readonly string[],
): Promise<ReadonlyMap<string, Named>> {
  if (accountIds.length === 0) return new Map()
  const found = await db
    .selectFrom('account')
    .where('tenant', '=', tenant)
    .where('account_id', 'in', accountIds)
    .select(['account_id', 'owner', 'name', 'partition'])
    .execute()
  return new Map(found.map(({ account_id, ...named }) => [account_id, named]))
}

type NamedLeg = StoredLeg & { readonly name: string | null }

/** The two legs of a pair, which stand beside each other, are a posting; undefined where a leg has no pair. */
function postingsIn(legs: readonly NamedLeg[]) {
  const postings = []
  for (let index = 0; index < legs.length; index += 2) {
    const [from, to] = [legs[index], legs[index + 1]]
    if (from?.pair === undefined || from.pair !== to?.pair) return undefined
    const { account, name: toName, amount, currency } = to
    postings.push({ from: from.account, fromName: from.name, to: account, toName, amount, currency })
  }
  return postings
}

/** Causes that the giver of a command was not told, who gave it, and who of the staff approved it, are for staff. */
function paymentOf(row: PaymentRow, legs: readonly NamedLeg[], { owner }: Viewer): Payment {
  const cause = owner === undefined && row.rejection_cause ? { cause: row.rejection_cause } : {}
  const actor = row.actor !== null && (owner === undefined || owner === row.actor) ? { actor: row.actor } : {}
  const approvedBy = owner === undefined && row.approved_by !== null ? { approvedBy: row.approved_by } : {}
  const postings = postingsIn(legs)
  return Payment.parse({
    paymentId: row.payment_id,
    position: formatPosition({ partition: row.partition, seq: Number(row.seq) }),
    status: row.status,
    ...(row.status === 'pending' && row.deadline ? { deadline: row.deadline.toISOString() } : {}),
    rejection:
      row.rejection_code === null ? null : { code: row.rejection_code, detail: row.rejection_detail ?? '', ...cause },
    kind: row.kind,
    ...(postings ? { postings } : {}),
    legs,
    effectiveAt: row.effective_at.toISOString(),
    decidedAt: row.decided_at.toISOString(),
    reference: row.reference,
    description: row.description,
    metadata: row.metadata,
    reverses: row.reverses === null ? null : { paymentId: row.reverses, whole: row.reverses_what === 'whole' },
    corrects: row.corrects,
    ...{ ...actor, ...approvedBy },
  })
}
