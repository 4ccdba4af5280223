import { payeeKey } from '@micropay/schemas/api/payee'
import { counterpartiesOf } from '@micropay/schemas/counterparties'
import { canonicalPaymentId } from '@micropay/schemas/identifiers'
import type { Commit } from '@micropay/schemas/log/commit'
import type { EventOf, LedgerEvent, PayeeFact } from '@micropay/schemas/log/event'
import { givenBy, isPayment, refusedIn } from '@micropay/schemas/log/given'
import { legsOf } from '@micropay/schemas/log/payment-versions'
import { ProjectionError } from '../projection.ts'
import { accountKey } from '../write/row-key.ts'
import type { Changes } from '../write/table.ts'
import { changeAccount, openedAccount } from './account-row.ts'
import { type Approvals, noteApproval } from './proposals.ts'
import { ownAccounts, RefusedPayment, refusedAccounts, reversedIn, whatOf } from './refused-payments.ts'
import type {
  accountsTables,
  NewAccount,
  NewEntry,
  NewPayment,
  NewRefusedPayment,
  PayeeChange,
  StoredLeg,
} from './tables.ts'

/**
 * Folds a batch of one partition's commits, in their order, into the rows that they make: each account that is touched
 * once, as it stands after the batch. `known` holds every account of `touchedAccounts` that existed before. Throws
 * ProjectionError for what cannot be.
 */
export function projectAccounts(
  partition: number,
  commits: readonly Commit[],
  known: ReadonlyMap<string, NewAccount>,
): AccountsChanges {
  const batch: Batch = {
    partition,
    known,
    accounts: new Map(),
    entries: [],
    payments: [],
    refusedPayments: [],
    payees: new Map(),
    ...{ proposals: [], proposalDecisions: [], policies: [] },
  }
  for (const commit of commits) {
    if (commit.outcome.kind === 'rejected') projectRejection(batch, commit)
    else for (const event of commit.events) projectEvent(batch, commit, event)
  }
  const { accounts, entries, payments, refusedPayments, payees, proposals, proposalDecisions, policies } = batch
  return {
    ...{ accounts: [...accounts.values()], entries, payments, refusedPayments, payees: [...payees.values()] },
    ...{ proposals, proposalDecisions, policies },
  }
}

/** Of payees the last that the batch says of each. */
export type AccountsChanges = Changes<typeof accountsTables>

/** Keys of the accounts that the fold needs to know: those that a batch changes and did not open itself. */
export function touchedAccounts(commits: readonly Commit[]): Set<string> {
  const touched = new Set<string>()
  for (const { tenant, events } of commits) {
    for (const { type, data } of events) {
      if (type === 'PaymentPosted') for (const { account } of data.legs) touched.add(accountKey(tenant, account))
      else if ('accountId' in data) touched.add(accountKey(tenant, data.accountId))
    }
  }
  return touched
}

type Batch = {
  readonly partition: number
  readonly known: ReadonlyMap<string, NewAccount>
  readonly accounts: Map<string, NewAccount>
  readonly entries: NewEntry[]
  readonly payments: NewPayment[]
  readonly refusedPayments: NewRefusedPayment[]
  readonly payees: Map<string, PayeeChange>
} & Approvals

function projectEvent(batch: Batch, commit: Commit, event: LedgerEvent): void {
  switch (event.type) {
    case 'AccountOpened':
      open(batch, commit, event)
      return
    case 'AccountFrozen':
    case 'AccountUnfrozen':
    case 'AccountClosed':
    case 'AccountChanged':
    case 'AccountFlagSet':
      changeAccount(changeable(batch, commit, event.data.accountId), event)
      return
    case 'PaymentPosted':
      post(batch, commit, event)
      return
    case 'PayeeSaved':
      notePayee(batch, commit, 'saved', event.data)
      return
    case 'PayeeRemoved':
      notePayee(batch, commit, 'removed', event.data)
      return
    default:
      noteApproval(batch, { partition: batch.partition, before: (key) => accountIn(batch, key) }, commit, event)
  }
}

function notePayee(batch: Batch, commit: Commit, change: PayeeChange['change'], fact: PayeeFact): void {
  const { owner, alias, accountId } = fact
  const named = { tenant: commit.tenant, owner, alias_key: payeeKey(alias) }
  const saved = { alias, account_id: accountId, saved_at: commit.decidedAt }
  batch.payees.set(JSON.stringify(named), { ...named, ...saved, change })
}

function open(batch: Batch, commit: Commit, { data }: EventOf<'AccountOpened'>): void {
  const key = accountKey(commit.tenant, data.accountId)
  if (batch.accounts.has(key) || batch.known.has(key)) {
    throw new ProjectionError(`${at(batch, commit)} opens ${data.accountId}, which is open already`)
  }
  batch.accounts.set(key, openedAccount(data, { ...commit, partition: batch.partition }))
}

function post(batch: Batch, commit: Commit, { data }: EventOf<'PaymentPosted'>): void {
  const counterparties = counterpartiesOf(data.legs)
  const texts = data.personal?.data ?? {}
  for (const [index, { account, amount, currency }] of data.legs.entries()) {
    const other = counterparties[index] ?? null
    move(batch, commit, data, { account, other, amountMinor: BigInt(amount), currency, index })
  }
  addPayment(batch, commit, data.legs, {
    status: 'posted',
    rejection_code: null,
    rejection_detail: null,
    rejection_cause: null,
    rejection_accounts: null,
    kind: data.kind,
    effective_at: data.effectiveAt,
    reference: texts.reference ?? null,
    description: texts.description ?? null,
    metadata: JSON.stringify(texts.metadata ?? {}),
    reverses: data.reverses ? canonicalPaymentId(data.reverses.paymentId) : null,
    reverses_what: data.reverses ? whatOf(data.reverses.whole) : null,
    corrects: data.corrects ?? null,
  })
}

type Move = {
  readonly account: string
  readonly other: string | null
  readonly amountMinor: bigint
  readonly currency: string
  readonly index: number
}

function move(batch: Batch, commit: Commit, data: EventOf<'PaymentPosted'>['data'], moved: Move): void {
  const account = changeable(batch, commit, moved.account)
  if (account.currency !== moved.currency) {
    throw new ProjectionError(
      `${at(batch, commit)} moves ${moved.currency} on ${moved.account}, which holds ${account.currency}`,
    )
  }
  account.balance_minor += moved.amountMinor
  batch.entries.push({
    account_id: moved.account,
    seq: account.changed_seq,
    index: moved.index,
    partition: batch.partition,
    tenant: commit.tenant,
    payment_id: data.paymentId,
    kind: data.kind,
    counterparty: moved.other,
    amount_minor: moved.amountMinor,
    currency: moved.currency,
    balance_after_minor: account.balance_minor,
    effective_at: data.effectiveAt,
    decided_at: commit.decidedAt,
    reference: data.personal?.data.reference ?? null,
    description: data.personal?.data.description ?? null,
    reverses: data.reverses ? canonicalPaymentId(data.reverses.paymentId) : null,
  })
}

function projectRejection(batch: Batch, commit: Commit): void {
  if (commit.outcome.kind !== 'rejected' || !isPayment(commit)) return
  const request = RefusedPayment.parse(refusedIn(commit).data)
  // To the millisecond, as accepted payments have it: a page's cursor holds no more.
  const effective_at =
    request.effectiveAt === undefined ? commit.decidedAt : new Date(request.effectiveAt).toISOString()
  const { tenant, decidedAt: decided_at } = commit
  const place = { tenant, decided_at, effective_at, partition: batch.partition, seq: BigInt(commit.seq) }
  const legs = request.postings.length > 0 ? legsOf(request.postings) : request.legs
  for (const account_id of ownAccounts(commit.outcome, legs)) batch.refusedPayments.push({ account_id, ...place })
  addPayment(batch, commit, legs, {
    status: 'rejected',
    rejection_code: commit.outcome.code,
    rejection_detail: commit.outcome.detail,
    rejection_cause: commit.outcome.cause ? JSON.stringify(commit.outcome.cause) : null,
    rejection_accounts: jsonOrNull(refusedAccounts(commit.outcome, legs)),
    kind: null,
    effective_at,
    reference: request.reference ?? null,
    description: request.description ?? request.reason ?? null,
    metadata: JSON.stringify(request.metadata ?? {}),
    ...reversedIn(request),
  })
}

function jsonOrNull(value: object | null): string | null {
  return value && JSON.stringify(value)
}

type PaymentDetails = Omit<
  NewPayment,
  'payment_id' | 'partition' | 'seq' | 'tenant' | 'legs' | 'decided_at' | 'actor' | 'client' | 'approved_by'
>

function addPayment(batch: Batch, commit: Commit, legs: readonly StoredLeg[], details: PaymentDetails): void {
  const { partition } = batch
  const { actor, client, approvedBy } = givenBy(commit)
  batch.payments.push({
    payment_id: `pay-${partition}-${commit.seq}`,
    partition,
    seq: BigInt(commit.seq),
    tenant: commit.tenant,
    status: details.status,
    rejection_code: details.rejection_code,
    rejection_detail: details.rejection_detail,
    rejection_cause: details.rejection_cause,
    rejection_accounts: details.rejection_accounts,
    kind: details.kind,
    legs: JSON.stringify(legs),
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
  })
}

/** The batch's own copy of an account, marked as changed by this commit. */
function changeable(batch: Batch, commit: Commit, accountId: string): NewAccount {
  const key = accountKey(commit.tenant, accountId)
  let account = batch.accounts.get(key)
  if (!account) {
    const before = batch.known.get(key)
    if (!before) throw new ProjectionError(`${at(batch, commit)} changes ${accountId}, which was never opened`)
    account = { ...before }
    batch.accounts.set(key, account)
  }
  account.changed_at = commit.decidedAt
  account.changed_seq = BigInt(commit.seq)
  return account
}

function accountIn({ accounts, known }: Batch, key: string): NewAccount | undefined {
  return accounts.get(key) ?? known.get(key)
}

function at(batch: Batch, commit: Commit): string {
  return `the commit at ${batch.partition}:${commit.seq}`
}
