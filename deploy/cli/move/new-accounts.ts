import { type Account, AccountPage } from '@micropay/schemas/api/account'
import { formatPositions, type Position } from '@micropay/schemas/position'
import { InputError } from '@micropay/sdk/input-error'
import { type LedgerClient, problemOf } from '@micropay/sdk/ledger-client'

/** All accounts that the token sees, by id, a page at a time, as they stand at these positions or later. */
export async function* accountsOf(ledger: LedgerClient, at: readonly Position[]): AsyncGenerator<readonly Account[]> {
  const headers = at.length > 0 ? { 'at-least': formatPositions(at), prefer: 'wait=10' } : {}
  let cursor: string | null = null
  do {
    const query = new URLSearchParams({ limit: '500', ...(cursor === null ? {} : { cursor }) })
    const answer = await ledger.send({ method: 'GET', path: `/v1/accounts?${query}`, headers })
    if (answer.status !== 200) throw new InputError(`the accounts of the new ledger: ${problemOf(answer)}`)
    const page: AccountPage = AccountPage.parse(answer.body)
    yield page.items
    cursor = page.next
  } while (cursor !== null)
}
