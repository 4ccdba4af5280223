import assert from 'node:assert/strict'
import { type FoldState, initialFold } from '@micropay/event-log/fold'
import type { Logger } from '@micropay/runtime/logger'
import type { AccountId } from '@micropay/schemas/identifiers'
import type { AccountState, LedgerView, SavedPayee } from '../decide/ledger.ts'
import { bankAccountKeyOf, type KeyEntry, payeesKeyOf, type StateChange, statementKeyOf } from './partition-state.ts'
import type { StateMark, StateStore } from './state-store.ts'

/**
 * The owner's state of one partition: the fold of all that counts. Changes are seen at once and written to the store behind, in large
 * transactions off the hot path; after a crash the store is behind the log, and the fold goes on from there.
 */
export type LedgerState = LedgerView & {
  /** The fold so far, ahead of what is on disk. */
  readonly fold: FoldState
  readonly lastDecidedAt: string
  keyEntry(scopedKey: string): KeyEntry | undefined
  /** Takes over a commit that counts; `fold` is the state behind its record. */
  count(change: StateChange, fold: FoldState): void
  /** Moves the fold over a record that changes nothing here (a claim, a void, a heartbeat). */
  skip(fold: FoldState): void
  /** Waits while too much is unwritten, so that memory stays bounded. Throws what the writing threw. */
  room(): Promise<void>
  /** Writes all that is unwritten. */
  flush(): Promise<void>
}

/** So many commits are written in one transaction at most, and wait at most before the owner does. */
const WRITE_COMMITS = 2_000
const MAX_UNWRITTEN = 20_000

type Layer = {
  changes: StateChange[]
  accounts: Map<AccountId, AccountState>
  keys: Map<string, KeyEntry>
  statements: Map<string, number>
  bankAccounts: Map<string, AccountId>
  payees: Map<string, readonly SavedPayee[]>
}

export function createLedgerState(store: StateStore, partition: number, log: Logger): LedgerState {
  const start = store.mark()
  let written = start
  let current: StateMark = start ?? { fold: initialFold(partition), lastCommit: undefined, lastDecidedAt: '' }
  let fresh = emptyLayer()
  let writing = emptyLayer()
  let work: Promise<void> | undefined
  let failure: Error | undefined

  async function writeAll(): Promise<void> {
    while (fresh.changes.length > 0) {
      writing = fresh
      fresh = emptyLayer()
      const to = current
      await store.write(written, to, writing.changes)
      written = to
      writing = emptyLayer()
    }
  }
  function startWriting(): Promise<void> {
    work ??= writeAll()
      .catch((error: unknown) => {
        failure = error instanceof Error ? error : new Error(String(error))
        log.error({ err: failure, partition }, 'the state could not be written')
      })
      .finally(() => {
        work = undefined
      })
    return work
  }

  return {
    get fold() {
      return current.fold
    },
    get lastDecidedAt() {
      return current.lastDecidedAt
    },
    account: (accountId) =>
      fresh.accounts.get(accountId) ?? writing.accounts.get(accountId) ?? store.account(accountId),
    statement: (accountId, statementId) => {
      const key = statementKeyOf(accountId, statementId)
      return fresh.statements.get(key) ?? writing.statements.get(key) ?? store.statement(key)
    },
    bankAccount: (tenant, iban, currency) => {
      const key = bankAccountKeyOf(tenant, iban, currency)
      return fresh.bankAccounts.get(key) ?? writing.bankAccounts.get(key) ?? store.bankAccount(key)
    },
    payees: (tenant, owner) => {
      const key = payeesKeyOf(tenant, owner)
      return fresh.payees.get(key) ?? writing.payees.get(key) ?? store.payees(key) ?? []
    },
    keyEntry: (scopedKey) => fresh.keys.get(scopedKey) ?? writing.keys.get(scopedKey) ?? store.keyEntry(scopedKey),
    count(change, fold) {
      const { seq, decidedAt } = change.keyEntry
      assert(seq === current.fold.seq + 1, 'commits are counted one after the other')
      const previousHash = current.fold.hash
      current = { fold, lastCommit: { offset: fold.offset - 1n, previousHash }, lastDecidedAt: decidedAt }
      fresh.changes.push(change)
      fresh.keys.set(change.scopedKey, change.keyEntry)
      if (change.statement) fresh.statements.set(change.statement.key, change.statement.seq)
      if (change.bankAccount) fresh.bankAccounts.set(change.bankAccount.key, change.bankAccount.accountId)
      if (change.payees) fresh.payees.set(change.payees.key, change.payees.saved)
      for (const account of change.accounts) fresh.accounts.set(account.accountId, account)
      if (fresh.changes.length >= WRITE_COMMITS) void startWriting()
    },
    skip(fold) {
      current = { ...current, fold }
    },
    async room() {
      while (fresh.changes.length > MAX_UNWRITTEN && !failure) await startWriting()
      if (failure) throw failure
    },
    async flush() {
      while ((work || fresh.changes.length > 0) && !failure) await startWriting()
      if (failure) throw failure
    },
  }
}

function emptyLayer(): Layer {
  return {
    changes: [],
    accounts: new Map(),
    keys: new Map(),
    statements: new Map(),
    bankAccounts: new Map(),
    payees: new Map(),
  }
}
