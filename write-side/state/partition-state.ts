import type { AccountId } from '@micropay/schemas/identifiers'
import type { Commit } from '@micropay/schemas/log/commit'
import type { Rejection } from '@micropay/schemas/log/rejection'
import type { PaymentKind } from '@micropay/schemas/payment-kind'
import { evolve } from '../decide/evolve.ts'
import type { AccountState, LedgerView, SavedPayee } from '../decide/ledger.ts'
import { evolvePayees, payeeFactOf } from '../decide/payee.ts'

/**
 * What one idempotency key led to: enough to give the same answer again. A payment's answer is its request (the same by
 * `requestHash`) with these facts; an account command keeps the account as it stood after it.
 */
export type KeyEntry = {
  readonly seq: number
  readonly requestHash: string
  readonly decidedAt: string
  readonly rejection?: Rejection
  readonly paymentKind?: PaymentKind
  readonly account?: AccountState
}

/**
 * The accounts and keys that a commit changes: what the owner's state takes over once the commit counts. It holds nothing else of the commit, since
 * thousands of changes wait to be written.
 */
export type StateChange = {
  readonly scopedKey: string
  readonly keyEntry: KeyEntry
  readonly accounts: readonly AccountState[]
  /** The statement that was imported, by account and id, and where. */
  readonly statement?: { readonly key: string; readonly seq: number }
  /** The account at a bank that it was of, and which account of ours stands for that. */
  readonly bankAccount?: { readonly key: string; readonly accountId: AccountId }
  /** All payees of the person whose payees changed. */
  readonly payees?: { readonly key: string; readonly saved: readonly SavedPayee[] }
}

/**
 * An idempotency key is its caller's own: scoped by tenant, client and subject, since everybody at a browser shares the gateway as
 * their client, and one person's key must never answer another.
 */
export function scopedKeyOf({
  tenant,
  actor,
  idempotencyKey,
}: Pick<Commit, 'tenant' | 'actor' | 'idempotencyKey'>): string {
  return `${tenant}\n${actor.client}\n${actor.subject}\n${idempotencyKey}`
}

/** Folds one commit onto the ledger as it stood before it. Pure: replaying the log gives the same changes as deciding did. */
export function changeOf(commit: Commit, ledger: LedgerView): StateChange {
  const changed = new Map<AccountId, AccountState>()
  const view: LedgerView = {
    account: (accountId) => changed.get(accountId) ?? ledger.account(accountId),
    statement: ledger.statement,
    bankAccount: ledger.bankAccount,
    payees: ledger.payees,
  }
  for (const event of commit.events) {
    for (const account of evolve(event, view, commit.tenant)) changed.set(account.accountId, account)
  }
  const accounts = [...changed.values()]
  const imported = commit.events.find((event) => event.type === 'StatementImported')?.data
  return {
    scopedKey: scopedKeyOf(commit),
    keyEntry: keyEntryOf(commit, accounts),
    accounts,
    ...(imported
      ? {
          statement: { key: statementKeyOf(imported.accountId, imported.statementId), seq: commit.seq },
          bankAccount: {
            key: bankAccountKeyOf(commit.tenant, imported.iban, imported.currency),
            accountId: imported.accountId,
          },
        }
      : {}),
    ...payeesAfter(commit, ledger),
  }
}

/** A commit is one command, which changes one payee at most. */
function payeesAfter(commit: Commit, ledger: LedgerView): Pick<StateChange, 'payees'> {
  const [event] = commit.events
  const fact = event && payeeFactOf(event)
  if (!fact) return {}
  const saved = evolvePayees(event, ledger.payees(commit.tenant, fact.owner))
  return { payees: { key: payeesKeyOf(commit.tenant, fact.owner), saved } }
}

/** No tenant holds a line break. */
export function payeesKeyOf(tenant: string, owner: string): string {
  return `${tenant}\n${owner}`
}

/** Neither a tenant nor an IBAN holds a line break. */
export function bankAccountKeyOf(tenant: string, iban: string, currency: string): string {
  return `${tenant}\n${iban}\n${currency}`
}

/** No account id holds a line break. */
export function statementKeyOf(accountId: string, statementId: string): string {
  return `${accountId}\n${statementId}`
}

function keyEntryOf(commit: Commit, accounts: readonly AccountState[]): KeyEntry {
  const entry = { seq: commit.seq, requestHash: commit.requestHash, decidedAt: commit.decidedAt }
  if (commit.outcome.kind === 'rejected') {
    const { code, detail, pointer } = commit.outcome
    return { ...entry, rejection: { code, detail, ...(pointer === undefined ? {} : { pointer }) } }
  }
  const [event] = commit.events
  if (event?.type === 'PaymentPosted') return { ...entry, paymentKind: event.data.kind }
  const [account] = accounts
  return account ? { ...entry, account } : entry
}
