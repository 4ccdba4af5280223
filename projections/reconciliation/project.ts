import { defaultPathOf } from '@micropay/schemas/account-path'
import { counterpartiesOf } from '@micropay/schemas/counterparties'
import type { Commit } from '@micropay/schemas/log/commit'
import type { EventOf } from '@micropay/schemas/log/event'
import { givenBy } from '@micropay/schemas/log/given'
import { isPosting } from '@micropay/schemas/log/legs-in'
import { statementLines } from '@micropay/schemas/log/statement-shapes'
import { parsePosition } from '@micropay/schemas/position'
import { isTransitId } from '@micropay/schemas/transit'
import { ProjectionError } from '../projection.ts'
import { accountKey } from '../write/row-key.ts'
import type { Changes } from '../write/table.ts'
import { noteAcross } from './across.ts'
import { type Batch, changeable, type Given, move, openedAccount } from './batch.ts'
import { approvedIn, periodFactOf } from './periods.ts'
import { namesOf, timesOf } from './sums.ts'
import type { reconciliationTables } from './tables.ts'

export type ReconciliationChanges = Changes<typeof reconciliationTables>

/**
 * Folds a batch of one partition's commits into the rows that they make: each account once, as it stands after the
 * batch. `known` holds every account of `changedAccounts` and every payment of `movedPayments` that existed before.
 * Throws ProjectionError for what cannot be.
 */
export function projectReconciliation(given: Given): ReconciliationChanges {
  const batch: Batch = {
    ...{ ...given, accounts: new Map(), entries: [], summands: [] },
    ...{ statements: [], parts: [], withdrawals: [], periodFacts: [] },
    ...{ acrossPayments: new Map(), unnamedLegs: [], transits: [], transitEntries: [] },
  }
  for (const commit of given.commits) {
    for (const event of commit.events) {
      if (event.type === 'AccountOpened') open(batch, commit, event)
      if (event.type === 'AccountChanged') change(batch, commit, event)
      if (event.type === 'PaymentPosted') post(batch, commit, event)
      noteAcross(batch, commit, event)
      if (event.type === 'StatementPart') keepPart(batch, commit, event)
      if (event.type === 'StatementImported') keepStatement(batch, commit, event)
      if (event.type === 'StatementWithdrawn') withdraw(batch, commit, event)
      const fact = periodFactOf(given.partition, commit, event)
      if (fact) batch.periodFacts.push(fact)
    }
  }
  const { accounts, entries, summands, statements, parts, withdrawals, periodFacts } = batch
  const sums = { movements: summands, months: summands, totals: summands }
  const ofStatements = { statements, statementParts: parts, withdrawals }
  const { acrossPayments, unnamedLegs, transits, transitEntries } = batch
  const ofAcross = { acrossPayments: [...acrossPayments.values()], unnamedLegs, transits, transitEntries }
  return { ...sums, entries, accounts: [...accounts.values()], ...ofStatements, periodFacts, ...ofAcross }
}

/** Keys of the accounts that a batch changes: their balances, or what they are called and where they stand. */
export function changedAccounts(commits: readonly Commit[]): Set<string> {
  const changed = new Set<string>()
  for (const { tenant, events } of commits) {
    for (const event of events) {
      if (event.type === 'AccountChanged') changed.add(accountKey(tenant, event.data.accountId))
      if (!isPosting(event)) continue
      for (const { account } of event.data.legs) if (!isTransitId(account)) changed.add(accountKey(tenant, account))
    }
  }
  return changed
}

function open(batch: Batch, commit: Commit, { data }: EventOf<'AccountOpened'>): void {
  batch.accounts.set(accountKey(commit.tenant, data.accountId), openedAccount(batch, commit, data))
}

/** Wherever sums are read by place, the account counts at its new one from here on, for days before it, too. */
function change(batch: Batch, commit: Commit, { data }: EventOf<'AccountChanged'>): void {
  const account = changeable(batch, commit, data.accountId)
  const name = data.personal?.data.name
  if (name !== undefined) account.name = name
  if (data.path !== undefined) account.path = data.path ?? defaultPathOf(account.type, account.currency)
}

function post(batch: Batch, commit: Commit, { data }: EventOf<'PaymentPosted'>): void {
  const { reference = null, description = null, metadata } = data.personal?.data ?? {}
  const names = namesOf(metadata)
  const times = batch.isLoading ? undefined : timesOf(data.effectiveAt)
  const words = { payment_id: data.paymentId, effective_at: data.effectiveAt, reference, description, nth: null }
  const counterparties = counterpartiesOf(data.legs)
  for (const [index, { account, amount, currency }] of data.legs.entries()) {
    const moved = { account, amountMinor: BigInt(amount), currency, index, names, times }
    move(batch, commit, moved, { ...words, counterparty: counterparties[index] ?? null })
  }
}

function keepStatement(batch: Batch, commit: Commit, { data }: EventOf<'StatementImported'>): void {
  const { actor, approvedBy } = givenBy(commit)
  batch.statements.push({
    account_id: data.accountId,
    statement_id: data.statementId,
    partition: batch.partition,
    seq: BigInt(commit.seq),
    tenant: commit.tenant,
    iban: data.personal.data.iban,
    sha256: data.sha256 ?? null,
    currency: data.currency,
    from_day: data.from,
    to_day: data.to,
    opening_minor: BigInt(data.opening),
    closing_minor: BigInt(data.closing),
    import_id: data.importId ?? null,
    lines: JSON.stringify(statementLines(data)),
    line_count: data.lineCount,
    decided_at: commit.decidedAt,
    actor,
    approved_by: approvedBy,
  })
}

function keepPart(batch: Batch, commit: Commit, { data }: EventOf<'StatementPart'>): void {
  const { accountId, importId, part } = data
  const lines = JSON.stringify(statementLines(data))
  const place = { tenant: commit.tenant, account_id: accountId, import_id: importId }
  batch.parts.push({ ...place, seq: BigInt(commit.seq), part, lines })
}

function withdraw(batch: Batch, commit: Commit, { data }: EventOf<'StatementWithdrawn'>): void {
  const { actor, approvedBy } = givenBy(commit)
  const imported = parsePosition(data.position)
  if (!imported) throw new ProjectionError(`the commit at ${batch.partition}:${commit.seq} names no position`)
  batch.withdrawals.push({
    tenant: commit.tenant,
    account_id: data.accountId,
    statement_seq: BigInt(imported.seq),
    partition: batch.partition,
    seq: BigInt(commit.seq),
    reason: data.personal?.data.reason ?? null,
    proposal_id: approvedIn(commit),
    decided_at: commit.decidedAt,
    actor,
    approved_by: approvedBy,
  })
}
