import { defaultPathOf } from '@micropay/schemas/account-path'
import type { Commit } from '@micropay/schemas/log/commit'
import type { EventOf } from '@micropay/schemas/log/event'
import { ProjectionError } from '../projection.ts'
import { openingOfSuspense } from '../suspense-account.ts'
import type { FoldInput } from '../write/define-projection.ts'
import { accountKey } from '../write/row-key.ts'
import type { NewAcrossPayment, NewTransit, NewTransitEntry } from './across-tables.ts'
import type { NewPeriodFact } from './period-table.ts'
import { type Names, summandOf, type Times } from './sums.ts'
import type {
  NewBankStatement,
  NewLedgerAccount,
  NewLedgerEntry,
  NewStatementPart,
  NewStatementWithdrawal,
  Summand,
} from './tables.ts'
import type { NewUnnamedLeg } from './unnamed-legs.ts'

export type Given = Pick<
  FoldInput<{ accounts: NewLedgerAccount; acrossPayments: NewAcrossPayment }>,
  'partition' | 'commits' | 'known' | 'isLoading'
>

export const nothingKnown: Given['known'] = { accounts: new Map(), acrossPayments: new Map() }

/** What a batch of one partition's commits makes, while it is folded. */
export type Batch = Given & {
  readonly accounts: Map<string, NewLedgerAccount>
  readonly entries: NewLedgerEntry[]
  readonly summands: Summand[]
  readonly statements: NewBankStatement[]
  readonly parts: NewStatementPart[]
  readonly withdrawals: NewStatementWithdrawal[]
  readonly periodFacts: NewPeriodFact[]
  readonly acrossPayments: Map<string, NewAcrossPayment>
  readonly unnamedLegs: NewUnnamedLeg[]
  readonly transits: NewTransit[]
  readonly transitEntries: NewTransitEntry[]
}

type Move = {
  readonly account: string
  readonly amountMinor: bigint
  readonly currency: string
  readonly index: number
  readonly names: Names
  /** Undefined while sums need not be made. */
  readonly times: Times | undefined
}

type EntryWords = Pick<
  NewLedgerEntry,
  'payment_id' | 'counterparty' | 'effective_at' | 'reference' | 'description' | 'nth'
>

/**
 * Moves the balance of an account, and adds the entry that says so, and what it adds to the sums, which it answers
 * where sums are made.
 */
export function move(batch: Batch, commit: Commit, moved: Move, words: EntryWords): Summand | undefined {
  const account = changeable(batch, commit, moved.account)
  const { amountMinor, names, times } = moved
  account.balance_minor += amountMinor
  batch.entries.push({
    account_id: moved.account,
    seq: BigInt(commit.seq),
    index: moved.index,
    partition: batch.partition,
    tenant: commit.tenant,
    payment_id: words.payment_id,
    counterparty: words.counterparty,
    amount_minor: amountMinor,
    currency: moved.currency,
    balance_after_minor: account.balance_minor,
    effective_at: words.effective_at,
    decided_at: commit.decidedAt,
    reference: words.reference,
    description: words.description,
    operation: names.operation,
    purpose: names.purpose,
    nth: words.nth,
  })
  if (!times) return undefined
  const summand = summandOf(account, names, times, amountMinor)
  batch.summands.push(summand)
  return summand
}

/** The batch's own copy of an account. */
export function changeable(batch: Batch, commit: Commit, accountId: string): NewLedgerAccount {
  const key = accountKey(commit.tenant, accountId)
  const changed = batch.accounts.get(key)
  if (changed) return changed
  const account = { ...(batch.known.accounts.get(key) ?? suspenseAccount(batch, commit, accountId)) }
  batch.accounts.set(key, account)
  return account
}

function suspenseAccount(batch: Batch, commit: Commit, accountId: string): NewLedgerAccount {
  const opening = openingOfSuspense(accountId)
  if (opening) return openedAccount(batch, commit, opening)
  throw new ProjectionError(
    `the commit at ${batch.partition}:${commit.seq} changes ${accountId}, which was never opened`,
  )
}

/** The row of an account as it is opened. */
export function openedAccount(
  { partition }: Batch,
  { tenant }: Commit,
  data: EventOf<'AccountOpened'>['data'],
): NewLedgerAccount {
  const { accountId: account_id, type, currency, personal, path = defaultPathOf(type, currency) } = data
  return { account_id, partition, tenant, type, currency, name: personal?.data.name ?? null, path, balance_minor: 0n }
}
