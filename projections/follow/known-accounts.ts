/** Accounts remembered between batches, so that most batches read nothing. */
const REMEMBERED_ACCOUNTS = 50_000

/**
 * Takes over the accounts that a batch has written, and forgets the oldest beyond the limit: a changed account moves to the end of the map, so
 * what stands in front has been quiet the longest.
 */
export function rememberAccounts<Account extends { readonly account_id: string }>(
  known: Map<string, Account>,
  changed: Iterable<Account>,
): void {
  for (const account of changed) {
    known.delete(account.account_id)
    known.set(account.account_id, account)
  }
  for (const accountId of known.keys()) {
    if (known.size <= REMEMBERED_ACCOUNTS) return
    known.delete(accountId)
  }
}
