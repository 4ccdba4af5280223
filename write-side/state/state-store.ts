import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { Genesis } from '@micropay/schemas/commit'
import type { AccountId } from '@micropay/schemas/identifiers'
import { type Database, open, type RootDatabase } from 'lmdb'
import { z } from 'zod'
import type { FoldState } from '../append/fold.ts'
import type { AccountState, SavedPayee } from '../decide/ledger.ts'
import type { KeyEntry, StateChange } from './partition-state.ts'

/** Changes when what is stored, or how, changes: a state of another version is thrown away and folded again from the log. */
const STATE_VERSION = 3

/**
 * How far the state has folded the log. `lastCommit` is where the newest commit that counted stands and the hash before it, so that
 * an owner can check against the log itself that the state belongs to it.
 */
export type StateMark = {
  readonly fold: FoldState
  readonly lastCommit: { readonly offset: bigint; readonly previousHash: string } | undefined
  readonly lastDecidedAt: string
}

/**
 * A partition's state on local disk (LMDB): accounts, idempotency keys, and the mark up to which they fold the log. It may lag
 * behind the log and can always be folded again from it.
 */
export type StateStore = {
  mark(): StateMark | undefined
  account(accountId: AccountId): AccountState | undefined
  keyEntry(scopedKey: string): KeyEntry | undefined
  /** Where the statement of that key was imported. */
  statement(key: string): number | undefined
  /** What the person of that key has saved. */
  payees(key: string): readonly SavedPayee[] | undefined
  /** Writes all changes and the new mark in one transaction, or throws StateMovedError when the mark is no longer `from`. */
  write(from: StateMark | undefined, to: StateMark, changes: readonly StateChange[]): Promise<void>
  /** Forgets everything, for a fold from the beginning. */
  clear(): Promise<void>
  close(): Promise<void>
}

/** Another process wrote this state: two workers were given the same directory. */
export class StateMovedError extends Error {
  readonly code = 'state_moved'
}

const storedMark = z.object({
  version: z.literal(STATE_VERSION),
  fold: z.object({
    partition: z.int(),
    genesis: Genesis.optional(),
    epoch: z.int(),
    claimId: z.string(),
    seq: z.int(),
    hash: z.string(),
    offset: z.string(),
    voids: z.int(),
  }),
  lastCommit: z.object({ offset: z.string(), previousHash: z.string() }).nullable(),
  lastDecidedAt: z.string(),
})

type StoredAccount = Omit<AccountState, 'balanceMinor'> & { readonly balanceMinor: string }
type StoredKeyEntry = Omit<KeyEntry, 'account'> & { readonly account?: StoredAccount }
type Databases = {
  readonly root: RootDatabase
  readonly accounts: Database<StoredAccount, string>
  readonly keys: Database<StoredKeyEntry, string>
  readonly keysBySeq: Database<{ readonly scopedKey: string; readonly decidedAt: string }, number>
  readonly statements: Database<number, string>
  readonly payees: Database<readonly SavedPayee[], string>
  readonly meta: Database<unknown, string>
}

/** Opens (or makes) the state of one partition. Keys are dropped once they are older than `keyRetentionDays` of log time. */
export function openStateStore(directory: string, partition: number, keyRetentionDays = 400): StateStore {
  const path = join(directory, `partition-${partition}`)
  mkdirSync(directory, { recursive: true })
  const databases = openDatabases(path)
  const { root, accounts, keys, meta } = databases
  const mark = () => readMark(meta)
  return {
    mark,
    account(accountId) {
      const stored = accounts.get(accountId)
      return stored && accountOf(stored)
    },
    keyEntry(scopedKey) {
      const stored = keys.get(scopedKey)
      return stored && keyEntryOf(stored)
    },
    statement: (key) => databases.statements.get(key),
    payees: (key) => databases.payees.get(key),
    async write(from, to, changes) {
      const moved = await root.transaction(() => {
        if (!sameMark(mark(), from)) return true
        writeChanges(databases, changes)
        dropOldKeys(databases, changes.length, to.lastDecidedAt, keyRetentionDays)
        meta.put('mark', serializeMark(to))
        return false
      })
      if (moved)
        throw new StateMovedError(
          `the state in ${path} was written by another process: give each worker a directory of its own`,
        )
    },
    async clear() {
      await root.transaction(() => {
        const { keysBySeq, statements, payees } = databases
        for (const database of [accounts, keys, keysBySeq, statements, payees, meta]) database.clearSync()
      })
    },
    close: () => root.close(),
  }
}

function openDatabases(path: string): Databases {
  const root = open({ path, maxDbs: 8, compression: false, maxReaders: 32 })
  return {
    root,
    accounts: root.openDB({ name: 'accounts' }),
    keys: root.openDB({ name: 'keys' }),
    keysBySeq: root.openDB({ name: 'keys-by-seq' }),
    statements: root.openDB({ name: 'statements' }),
    payees: root.openDB({ name: 'payees' }),
    meta: root.openDB({ name: 'meta', encoding: 'json' }),
  }
}

function writeChanges(databases: Databases, changes: readonly StateChange[]): void {
  const { accounts, keys, keysBySeq, statements, payees } = databases
  const touched = new Map<string, AccountState>()
  for (const change of changes) {
    if (change.statement) statements.put(change.statement.key, change.statement.seq)
    if (change.payees) payees.put(change.payees.key, change.payees.saved)
    for (const account of change.accounts) touched.set(account.accountId, account)
    const { account, ...entry } = change.keyEntry
    keys.put(change.scopedKey, account ? { ...entry, account: storedOf(account) } : entry)
    keysBySeq.put(entry.seq, { scopedKey: change.scopedKey, decidedAt: entry.decidedAt })
  }
  for (const [accountId, account] of touched) accounts.put(accountId, storedOf(account))
}

/** Drops at most twice as many keys as came in, so that a backlog shrinks and no write takes long. */
function dropOldKeys({ keys, keysBySeq }: Databases, added: number, now: string, retentionDays: number): void {
  const horizon = new Date(Date.parse(now) - retentionDays * 86_400_000).toISOString()
  for (const { key: seq, value } of keysBySeq.getRange({ limit: 2 * added })) {
    if (value.decidedAt >= horizon) return
    keysBySeq.remove(seq)
    if (keys.get(value.scopedKey)?.seq === seq) keys.remove(value.scopedKey)
  }
}

function storedOf(account: AccountState): StoredAccount {
  return { ...account, balanceMinor: account.balanceMinor.toString() }
}

function accountOf(stored: StoredAccount): AccountState {
  return { ...stored, balanceMinor: BigInt(stored.balanceMinor) }
}

function keyEntryOf({ account, ...entry }: StoredKeyEntry): KeyEntry {
  return account ? { ...entry, account: accountOf(account) } : entry
}

function serializeMark(mark: StateMark): z.input<typeof storedMark> {
  const { fold, lastCommit, lastDecidedAt } = mark
  return {
    version: STATE_VERSION,
    fold: { ...fold, offset: fold.offset.toString() },
    lastCommit: lastCommit ? { offset: lastCommit.offset.toString(), previousHash: lastCommit.previousHash } : null,
    lastDecidedAt,
  }
}

function readMark(meta: Database<unknown, string>): StateMark | undefined {
  const parsed = storedMark.safeParse(meta.get('mark'))
  if (!parsed.success) return undefined
  const { fold, lastCommit, lastDecidedAt } = parsed.data
  return {
    fold: { ...fold, genesis: fold.genesis, offset: BigInt(fold.offset) },
    lastCommit: lastCommit ? { offset: BigInt(lastCommit.offset), previousHash: lastCommit.previousHash } : undefined,
    lastDecidedAt,
  }
}

function sameMark(a: StateMark | undefined, b: StateMark | undefined): boolean {
  return a?.fold.offset === b?.fold.offset && a?.fold.hash === b?.fold.hash && a?.fold.claimId === b?.fold.claimId
}
