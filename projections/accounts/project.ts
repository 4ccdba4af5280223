import { payeeKey } from '@micropay/schemas/api/payee'
import { counterpartiesOf } from '@micropay/schemas/counterparties'
import { canonicalPaymentId } from '@micropay/schemas/identifiers'
import type { Commit } from '@micropay/schemas/log/commit'
import type { EventOf, LedgerEvent, PayeeFact } from '@micropay/schemas/log/event'
import { isPayment, refusedIn } from '@micropay/schemas/log/given'
import { isOfAllLegs } from '@micropay/schemas/log/legs-in'
import { legsOf } from '@micropay/schemas/log/payment-versions'
import { isTransitId } from '@micropay/schemas/transit'
import { ProjectionError } from '../projection.ts'
import { accountKey } from '../write/row-key.ts'
import type { Changes } from '../write/table.ts'
import { changeAccount, openedAccount } from './account-row.ts'
import { noteAcross } from './across.ts'
import {
  at,
  type Batch,
  changeable,
  type KnownBefore,
  move,
  notRejected,
  paymentRow,
  rejectionOf,
  wordsOf,
} from './batch.ts'
import { noteApproval } from './proposals.ts'
import { ownAccounts, RefusedPayment, reversedIn } from './refused-payments.ts'
import type { accountsTables, NewAccount, PayeeChange } from './tables.ts'

/**
 * Folds a batch of one partition's commits, in their order, into the rows that they make: each account that is touched
 * once, as it stands after the batch. `known` holds every account of `touchedAccounts` and every payment of
 * `decidedPayments` that existed before. Throws ProjectionError for what cannot be.
 */
export function projectAccounts(partition: number, commits: readonly Commit[], known: KnownBefore): AccountsChanges {
  const batch: Batch = {
    partition,
    known,
    accounts: new Map(),
    entries: [],
    payments: [],
    refusedPayments: [],
    ...{ acrossPayments: new Map(), postedAcross: [], postedLegs: [] },
    payees: new Map(),
    ...{ proposals: [], proposalDecisions: [], policies: [] },
  }
  for (const commit of commits) {
    if (commit.outcome.kind === 'rejected') projectRejection(batch, commit)
    else for (const event of commit.events) projectEvent(batch, commit, event)
  }
  const { accounts, entries, payments, refusedPayments, payees, proposals, proposalDecisions, policies } = batch
  const { acrossPayments, postedAcross, postedLegs } = batch
  return {
    ...{ accounts: [...accounts.values()], entries, payments, refusedPayments, payees: [...payees.values()] },
    ...{ acrossPayments: [...acrossPayments.values()], postedAcross, postedLegs },
    ...{ proposals, proposalDecisions, policies },
  }
}

/** Of payees the last that the batch says of each. */
export type AccountsChanges = Changes<typeof accountsTables>

/** Keys of the accounts that the fold needs to know: those that a batch changes and did not open itself. */
export function touchedAccounts(commits: readonly Commit[]): Set<string> {
  const touched = new Set<string>()
  for (const { tenant, events } of commits) {
    for (const event of events) {
      const { data } = event
      if ('accountId' in data) touched.add(accountKey(tenant, data.accountId))
      if (!('legs' in data) || isOfAllLegs(event)) continue
      for (const { account } of data.legs) if (!isTransitId(account)) touched.add(accountKey(tenant, account))
    }
  }
  return touched
}

/** Ids of the payments across partitions that a batch decides. */
export function decidedPayments(commits: readonly Commit[]): Set<string> {
  const decided = commits.flatMap(({ events }) =>
    events.flatMap(({ type, data }) =>
      type === 'PaymentCompleted' || type === 'PaymentFailed' ? [canonicalPaymentId(data.paymentId)] : [],
    ),
  )
  return new Set(decided)
}

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
      noteAcross(batch, commit, event)
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
  if (batch.accounts.has(key) || batch.known.accounts.has(key)) {
    throw new ProjectionError(`${at(batch, commit)} opens ${data.accountId}, which is open already`)
  }
  batch.accounts.set(key, openedAccount(data, { ...commit, partition: batch.partition }))
}

function post(batch: Batch, commit: Commit, { data }: EventOf<'PaymentPosted'>): void {
  const counterparties = counterpartiesOf(data.legs)
  const words = wordsOf(data)
  const { effective_at, reference, description, reverses } = words
  const ofAll = { ...{ payment_id: data.paymentId, kind: data.kind, effective_at, reference, description }, reverses }
  for (const [index, { account, amount, currency }] of data.legs.entries()) {
    const counterparty = counterparties[index] ?? null
    move(
      batch,
      commit,
      { account, amountMinor: BigInt(amount), currency, index },
      { ...ofAll, counterparty, nth: null },
    )
  }
  const how = { status: 'posted' as const, ...notRejected, kind: data.kind }
  batch.payments.push(paymentRow(batch, commit, { ...how, ...words, legs: JSON.stringify(data.legs) }))
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
  const refused = paymentRow(batch, commit, {
    status: 'rejected',
    ...rejectionOf(commit.outcome, legs),
    kind: null,
    legs: JSON.stringify(legs),
    effective_at,
    reference: request.reference ?? null,
    description: request.description ?? request.reason ?? null,
    metadata: JSON.stringify(request.metadata ?? {}),
    ...reversedIn(request),
  })
  batch.payments.push(refused)
}

function accountIn({ accounts, known }: Batch, key: string): NewAccount | undefined {
  return accounts.get(key) ?? known.accounts.get(key)
}
