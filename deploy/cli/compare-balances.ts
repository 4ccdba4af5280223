import { AccountPage } from '@micropay/schemas/api/account'
import { type LedgerClient, problemOf } from '@micropay/sdk/ledger-client'

export type Mismatch = { readonly accountId: string; readonly expected: bigint; readonly found: bigint | undefined }
export type Comparison = { readonly compared: number; readonly mismatches: readonly Mismatch[] }

/** Reads every account's balance at `atLeast` or later and compares it with what it should be. */
export async function compareBalances(
  ledger: LedgerClient,
  expected: ReadonlyMap<string, bigint>,
  atLeast: string | undefined,
): Promise<Comparison> {
  const found = new Map<string, bigint>()
  for await (const { accountId, balance } of allAccounts(ledger, atLeast)) {
    if (expected.has(accountId)) found.set(accountId, BigInt(balance))
  }
  return comparison(expected, found)
}

/** An account that is not there is a mismatch, too. */
export function comparison(expected: ReadonlyMap<string, bigint>, found: ReadonlyMap<string, bigint>): Comparison {
  const mismatches = Array.from(expected, ([accountId, balance]) => ({
    accountId,
    expected: balance,
    found: found.get(accountId),
  })).filter((row) => row.found !== row.expected)
  return { compared: expected.size, mismatches }
}

async function* allAccounts(ledger: LedgerClient, atLeast: string | undefined) {
  const headers = atLeast ? { 'at-least': atLeast, prefer: 'wait=10' } : {}
  let cursor: string | null = null
  do {
    const query = new URLSearchParams({ limit: '500', ...(cursor === null ? {} : { cursor }) })
    const answer = await ledger.send({ method: 'GET', path: `/v1/accounts?${query}`, headers })
    if (answer.status !== 200) throw new Error(`the accounts cannot be read: ${problemOf(answer)}`)
    const page: AccountPage = AccountPage.parse(answer.body)
    yield* page.items
    cursor = page.next
  } while (cursor !== null)
}
