import { canonicalPaymentId, type PaymentId, paymentIdAt } from '@micropay/schemas/identifiers'
import type { Commit } from '@micropay/schemas/log/commit'
import type { EventOf } from '@micropay/schemas/log/event'
import { givenBy } from '@micropay/schemas/log/given'
import { ProjectionError } from '../projection.ts'
import { openingOfSuspense } from '../suspense-account.ts'
import { accountKey } from '../write/row-key.ts'
import { openedAccount, settleLimit } from './account-row.ts'
import type { Approvals } from './proposals.ts'
import { refusedAccounts, whatOf } from './refused-payments.ts'
import type {
  NewAccount,
  NewAcrossPayment,
  NewEntry,
  NewListedPayment,
  NewPayment,
  NewPostedLegs,
  PayeeChange,
  StoredLeg,
} from './tables.ts'

/** Rows as they stood before a batch, by their keys. */
export type KnownBefore = {
  readonly accounts: ReadonlyMap<string, NewAccount>
  readonly acrossPayments: ReadonlyMap<string, NewAcrossPayment>
}

export const nothingKnown: KnownBefore = { accounts: new Map(), acrossPayments: new Map() }

/** What a batch of one partition's commits makes, while it is folded. */
export type Batch = {
  readonly partition: number
  readonly known: KnownBefore
  readonly accounts: Map<string, NewAccount>
  readonly entries: NewEntry[]
  readonly payments: NewPayment[]
  readonly refusedPayments: NewListedPayment[]
  readonly acrossPayments: Map<string, NewAcrossPayment>
  readonly postedAcross: NewListedPayment[]
  readonly postedLegs: NewPostedLegs[]
  readonly payees: Map<string, PayeeChange>
} & Approvals

/** The batch's own copy of an account, marked as changed by this commit. */
export function changeable(batch: Batch, commit: Commit, accountId: string): NewAccount {
  const key = accountKey(commit.tenant, accountId)
  let account = batch.accounts.get(key)
  if (!account) {
    account = { ...(batch.known.accounts.get(key) ?? suspenseAccount(batch, commit, accountId)) }
    batch.accounts.set(key, account)
  }
  account.changed_at = commit.decidedAt
  account.changed_seq = BigInt(commit.seq)
  return account
}

function suspenseAccount(batch: Batch, commit: Commit, accountId: string): NewAccount {
  const opening = openingOfSuspense(accountId)
  if (!opening) throw new ProjectionError(`${at(batch, commit)} changes ${accountId}, which was never opened`)
  return openedAccount(opening, { ...commit, partition: batch.partition })
}

export function at({ partition }: Batch, commit: Commit): string {
  return `the commit at ${partition}:${commit.seq}`
}

type Move = {
  readonly account: string
  readonly amountMinor: bigint
  readonly currency: string
  readonly index: number
}

/** What an entry says besides where it stands and what it moves. */
export type EntryWords = Pick<
  NewEntry,
  'payment_id' | 'kind' | 'counterparty' | 'effective_at' | 'reference' | 'description' | 'reverses' | 'nth'
>

/** Moves the balance of an account, and adds the entry that says so. */
export function move(batch: Batch, commit: Commit, moved: Move, words: EntryWords): void {
  const account = changeable(batch, commit, moved.account)
  if (account.currency !== moved.currency) {
    throw new ProjectionError(
      `${at(batch, commit)} moves ${moved.currency} on ${moved.account}, which holds ${account.currency}`,
    )
  }
  account.balance_minor += moved.amountMinor
  settleLimit(account)
  batch.entries.push({
    account_id: moved.account,
    seq: account.changed_seq,
    index: moved.index,
    partition: batch.partition,
    tenant: commit.tenant,
    payment_id: words.payment_id,
    kind: words.kind,
    counterparty: words.counterparty,
    amount_minor: moved.amountMinor,
    currency: moved.currency,
    balance_after_minor: account.balance_minor,
    effective_at: words.effective_at,
    decided_at: commit.decidedAt,
    reference: words.reference,
    description: words.description,
    reverses: words.reverses,
    nth: words.nth,
  })
}

type PaymentDetails = Omit<NewPayment, 'payment_id' | 'partition' | 'seq' | 'tenant' | 'decided_at' | Giver>
type Giver = 'actor' | 'client' | 'approved_by'

/** The row of a payment at the place where it was decided, or began. */
export function paymentRow({ partition }: Batch, commit: Commit, details: PaymentDetails): NewPayment {
  const { actor, client, approvedBy } = givenBy(commit)
  return {
    payment_id: paymentIdAt(partition, commit.seq),
    partition,
    seq: BigInt(commit.seq),
    tenant: commit.tenant,
    status: details.status,
    rejection_code: details.rejection_code,
    rejection_detail: details.rejection_detail,
    rejection_cause: details.rejection_cause,
    rejection_accounts: details.rejection_accounts,
    kind: details.kind,
    legs: details.legs,
    effective_at: details.effective_at,
    decided_at: commit.decidedAt,
    reference: details.reference,
    description: details.description,
    metadata: details.metadata,
    reverses: details.reverses,
    reverses_what: details.reverses_what,
    corrects: details.corrects,
    actor,
    client,
    approved_by: approvedBy,
  }
}

type Texts = NonNullable<EventOf<'PaymentPosted'>['data']['personal']>['data']

/** What an event about a payment says of it, whether it is posted or begins. */
export function wordsOf(data: {
  readonly effectiveAt: string
  readonly personal?: { readonly data: Texts } | undefined
  readonly reverses?: { readonly paymentId: PaymentId; readonly whole: boolean } | undefined
  readonly corrects?: string | undefined
}) {
  const texts = data.personal?.data ?? {}
  return {
    effective_at: data.effectiveAt,
    reference: texts.reference ?? null,
    description: texts.description ?? null,
    metadata: JSON.stringify(texts.metadata ?? {}),
    reverses: data.reverses ? canonicalPaymentId(data.reverses.paymentId) : null,
    reverses_what: data.reverses ? whatOf(data.reverses.whole) : null,
    corrects: data.corrects ?? null,
  }
}

type Rejected = Pick<Extract<Commit['outcome'], { kind: 'rejected' }>, 'code' | 'detail' | 'pointer' | 'cause'>

/** Why one was refused, over all its legs. */
export function rejectionOf(rejected: Rejected, legs: readonly StoredLeg[]) {
  const accounts = refusedAccounts(rejected, legs)
  return {
    rejection_code: rejected.code,
    rejection_detail: rejected.detail,
    rejection_cause: rejected.cause ? JSON.stringify(rejected.cause) : null,
    rejection_accounts: accounts && JSON.stringify(accounts),
  }
}

export const notRejected = {
  rejection_code: null,
  rejection_detail: null,
  rejection_cause: null,
  rejection_accounts: null,
}
