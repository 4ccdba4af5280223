import type { Queryable } from '../projection.ts'

/**
 * The accounts that a fold needs to know, as they stand after all that was folded: read once, and remembered between batches, so that most batches
 * read nothing.
 */
export function createKnownAccounts<Account extends { readonly account_id: string }>(
  load: (reader: Queryable, accountIds: readonly string[]) => Promise<readonly Account[]>,
  remembered = REMEMBERED_ACCOUNTS,
): KnownAccounts<Account> {
  const known = new Map<string, Account>()
  return {
    known,
    async learn(reader, accountIds) {
      const missing = [...accountIds].filter((accountId) => !known.has(accountId))
      if (missing.length === 0) return
      for (const account of await load(reader, missing)) known.set(account.account_id, account)
    },
    change(accounts) {
      // A changed account moves to the end of the map, so what stands in front has been quiet the longest.
      for (const account of accounts) {
        known.delete(account.account_id)
        known.set(account.account_id, account)
      }
    },
    forgetOldest(isUnwritten) {
      for (const accountId of known.keys()) {
        if (known.size <= remembered) return
        if (!isUnwritten(accountId)) known.delete(accountId)
      }
    },
  }
}

const REMEMBERED_ACCOUNTS = 50_000

export type KnownAccounts<Account> = {
  readonly known: ReadonlyMap<string, Account>
  /** Reads those of the accounts that are not known and exist. */
  learn(reader: Queryable, accountIds: Iterable<string>): Promise<void>
  change(accounts: Iterable<Account>): void
  /**
   * Forgets the oldest beyond the limit, but for those whose change no other transaction can read yet. Never between `learn` and the fold that it
   * was for, which may need any of them.
   */
  forgetOldest(isUnwritten: (accountId: string) => boolean): void
}
