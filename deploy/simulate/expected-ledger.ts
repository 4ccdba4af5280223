import type { LedgerCommand } from '@micropay/write-side/decide/decide'

/**
 * What commands should lead to, written from the documents and sharing no code with the ledger: accounts, their
 * balances and the first reason against a command, one partition and one tenant's worth of it.
 */
export type ExpectedLedger = {
  /** `accepted`, or the code of the refusal. */
  outcomeOf(command: LedgerCommand, tenant: string): string
  apply(command: LedgerCommand, tenant: string): void
  balances(): ReadonlyMap<string, bigint>
  account(accountId: string): Readonly<ExpectedAccount> | undefined
}

type ExpectedAccount = {
  readonly tenant: string
  readonly currency: string
  readonly lowestMinor: bigint | undefined
  status: 'open' | 'frozen' | 'closed'
  balanceMinor: bigint
}
type Accounts = Map<string, ExpectedAccount>
type Posting = { readonly from: string; readonly to: string; readonly amount: string; readonly currency: string }

export function createExpectedLedger(): ExpectedLedger {
  const accounts: Accounts = new Map()
  return {
    outcomeOf(command, tenant) {
      const visible = (accountId: string) => {
        const account = accounts.get(accountId)
        return account?.tenant === tenant ? account : undefined
      }
      if (command.type === 'MakePayment') return outcomeOfPayment(command.data.postings, visible)
      if (command.type === 'OpenAccount') return accounts.has(command.data.accountId) ? 'account_exists' : 'accepted'
      if (command.type === 'ImportStatement' || command.type === 'SavePayee' || command.type === 'RemovePayee') {
        throw new RangeError(`nothing is known of ${command.type} here`)
      }
      return outcomeOfChange(command.type, visible(command.data.accountId))
    },
    apply(command, tenant) {
      if (command.type === 'MakePayment') {
        for (const { from, to, amount } of command.data.postings) {
          move(accounts, from, -BigInt(amount))
          move(accounts, to, BigInt(amount))
        }
      } else if (command.type === 'OpenAccount') {
        const { accountId, currency, type, overdraftLimit = type === 'customer' ? '0' : 'unlimited' } = command.data
        const lowestMinor = overdraftLimit === 'unlimited' ? undefined : -BigInt(overdraftLimit)
        accounts.set(accountId, { tenant, currency, lowestMinor, status: 'open', balanceMinor: 0n })
      } else {
        const account = 'accountId' in command.data ? accounts.get(String(command.data.accountId)) : undefined
        if (account && command.type === 'FreezeAccount') account.status = 'frozen'
        if (account && command.type === 'UnfreezeAccount') account.status = 'open'
        if (account && command.type === 'CloseAccount') account.status = 'closed'
      }
    },
    balances: () => new Map(Array.from(accounts, ([accountId, { balanceMinor }]) => [accountId, balanceMinor])),
    account: (accountId) => accounts.get(accountId),
  }
}

function move(accounts: Accounts, accountId: string, byMinor: bigint): void {
  const account = accounts.get(accountId)
  if (account) account.balanceMinor += byMinor
}

function outcomeOfChange(type: string, account: ExpectedAccount | undefined): string {
  if (!account) return 'account_not_found'
  const { status, balanceMinor } = account
  if (status === 'closed') return 'account_closed'
  if (type === 'UnfreezeAccount') return status === 'frozen' ? 'accepted' : 'account_not_frozen'
  if (status === 'frozen') return 'account_frozen'
  return type === 'CloseAccount' && balanceMinor !== 0n ? 'account_not_empty' : 'accepted'
}

function outcomeOfPayment(
  postings: readonly Posting[],
  visible: (accountId: string) => ExpectedAccount | undefined,
): string {
  const sides = postings.flatMap(({ from, to, currency }) => [
    { account: visible(from), currency },
    { account: visible(to), currency },
  ])
  if (sides.some(({ account }) => account === undefined)) return 'account_not_found'
  if (sides.some(({ account }) => account?.status === 'closed')) return 'account_closed'
  if (sides.some(({ account }) => account?.status === 'frozen')) return 'account_frozen'
  if (sides.some(({ account, currency }) => account?.currency !== currency)) return 'currency_mismatch'
  const movements = new Map<string, bigint>()
  for (const { from, to, amount } of postings) {
    movements.set(from, (movements.get(from) ?? 0n) - BigInt(amount))
    movements.set(to, (movements.get(to) ?? 0n) + BigInt(amount))
  }
  for (const [accountId, byMinor] of movements) {
    const account = visible(accountId)
    if (account?.lowestMinor === undefined || byMinor >= 0n) continue
    if (account.balanceMinor + byMinor < account.lowestMinor) return 'insufficient_funds'
  }
  return 'accepted'
}
