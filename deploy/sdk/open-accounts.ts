import type { AccountToOpen } from './import-source.ts'
import { InputError } from './input-error.ts'
import { type LedgerClient, leavesOpen, problemOf } from './ledger-client.ts'

const openedAtOnce = 32

/**
 * Opens the accounts, several at once, and says how many were there from an earlier run; throws InputError when one
 * cannot be had.
 */
export async function openAccounts(
  ledger: LedgerClient,
  accounts: readonly AccountToOpen[],
  onOpened: (done: number) => void,
): Promise<{ opened: number; replayed: number }> {
  const queue = accounts.values()
  let opened = 0
  let replayed = 0
  const worker = async () => {
    for (const account of queue) {
      if (await openAccount(ledger, account)) replayed += 1
      else opened += 1
      onOpened(opened + replayed)
    }
  }
  await Promise.all(Array.from({ length: openedAtOnce }, worker))
  return { opened, replayed }
}

async function openAccount(ledger: LedgerClient, account: AccountToOpen): Promise<boolean> {
  const answer = await ledger.send({
    method: 'POST',
    path: '/v1/accounts',
    headers: { 'idempotency-key': `open:${account.accountId}` },
    body: JSON.stringify(account),
  })
  if (answer.status === 201) return answer.headers['idempotent-replayed'] === 'true'
  if (answer.status === 202) {
    // The key says so for ever, what became of it the account alone.
    const there = await ledger.send({ method: 'GET', path: `/v1/accounts/${encodeURIComponent(account.accountId)}` })
    if (there.status === 200) return true
    throw new InputError(
      `the account ${account.accountId} needs a second person: have its opening approved, and run it again`,
    )
  }
  const hint = answer.status === 409 ? ' (was it opened by hand, or imported by another client?)' : ''
  const before = answer.mayHaveCounted && leavesOpen(answer) ? '; an earlier try may have opened it: run it again' : ''
  throw new InputError(`the account ${account.accountId} cannot be opened: ${problemOf(answer)}${hint}${before}`)
}
