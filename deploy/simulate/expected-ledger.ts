import { ACCOUNT_KEY_GENERATION } from '@micropay/schemas/log/generations'
import type { LedgerCommand } from '@micropay/write-side/decide/decide'

/**
 * What commands should lead to, written from the documents and sharing no code with the ledger: each tenant's
 * accounts, their balances and the first reason against a command, one partition's worth of it.
 */
export type ExpectedLedger = {
  /** `accepted`, or the code of the refusal, in a generation of records. */
  outcomeOf(command: LedgerCommand, tenant: string, generation: number): string
  apply(command: LedgerCommand, tenant: string): void
}

type ExpectedAccount = {
  readonly currency: string
  readonly lowestMinor: bigint | undefined
  status: 'open' | 'frozen' | 'closed'
  balanceMinor: bigint
}
/** By their ids, of each tenant apart. */
type Accounts = Map<string, ExpectedAccount>
type Payment = Extract<LedgerCommand, { type: 'MakePayment' }>['data']
/** What a payment says of one account, in the order in which it says it. */
export type ExpectedLeg = {
  readonly account: string
  readonly amount: string
  readonly currency: string
  readonly pair?: number | undefined
  readonly stands?: string | undefined
}

export function createExpectedLedger(): ExpectedLedger {
  const tenants = new Map<string, Accounts>()
  const accountsOf = (tenant: string): Accounts => {
    const accounts = tenants.get(tenant) ?? new Map()
    tenants.set(tenant, accounts)
    return accounts
  }
  return {
    outcomeOf(command, tenant, generation) {
      const visible = (accountId: string) => accountsOf(tenant).get(accountId)
      if (command.type === 'MakePayment') return outcomeOfPayment(expectedLegs(command.data), visible)
      if (command.type === 'OpenAccount') {
        const spaces = generation < ACCOUNT_KEY_GENERATION ? [...tenants.values()] : [accountsOf(tenant)]
        return spaces.some((accounts) => accounts.has(command.data.accountId)) ? 'account_exists' : 'accepted'
      }
      if (command.type === 'FreezeAccount' || command.type === 'UnfreezeAccount' || command.type === 'CloseAccount') {
        return outcomeOfChange(command.type, visible(command.data.accountId))
      }
      throw new RangeError(`nothing is known of ${command.type} here`)
    },
    apply(command, tenant) {
      const accounts = accountsOf(tenant)
      if (command.type === 'MakePayment') {
        for (const { account, amount } of expectedLegs(command.data)) move(accounts, account, BigInt(amount))
      } else if (command.type === 'OpenAccount') {
        const { accountId, currency, type, overdraftLimit = type === 'customer' ? '0' : 'unlimited' } = command.data
        const lowestMinor = overdraftLimit === 'unlimited' ? undefined : -BigInt(overdraftLimit)
        accounts.set(accountId, { currency, lowestMinor, status: 'open', balanceMinor: 0n })
      } else {
        const account = 'accountId' in command.data ? accounts.get(String(command.data.accountId)) : undefined
        if (account && command.type === 'FreezeAccount') account.status = 'frozen'
        if (account && command.type === 'UnfreezeAccount') account.status = 'open'
        if (account && command.type === 'CloseAccount') account.status = 'closed'
      }
    },
  }
}

/** A posting is two legs that know each other: the payer's is the first, and what leaves it is below zero. */
export function expectedLegs({ postings = [], legs = [] }: Payment): ExpectedLeg[] {
  const pairs = postings.flatMap(({ from, to, amount, currency }, index) => [
    { account: from, amount: `-${amount}`, currency, pair: index + 1 },
    { account: to, amount, currency, pair: index + 1 },
  ])
  return [...pairs, ...legs]
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
  legs: readonly ExpectedLeg[],
  visible: (accountId: string) => ExpectedAccount | undefined,
): string {
  const sides = legs.map(({ account, currency }) => ({ account: visible(account), currency }))
  if (sides.some(({ account }) => account === undefined)) return 'account_not_found'
  if (sides.some(({ account }) => account?.status === 'closed')) return 'account_closed'
  if (sides.some(({ account }) => account?.status === 'frozen')) return 'account_frozen'
  if (sides.some(({ account, currency }) => account?.currency !== currency)) return 'currency_mismatch'
  const behind = new Map<string, bigint>()
  let isAsSaid = true
  for (const { account, amount, stands } of legs) {
    const balanceMinor = (behind.get(account) ?? visible(account)?.balanceMinor ?? 0n) + BigInt(amount)
    behind.set(account, balanceMinor)
    isAsSaid &&= stands === undefined || BigInt(stands) === balanceMinor
  }
  for (const [accountId, balanceMinor] of behind) {
    const account = visible(accountId)
    if (account?.lowestMinor === undefined || balanceMinor >= account.balanceMinor) continue
    if (balanceMinor < account.lowestMinor) return 'insufficient_funds'
  }
  return isAsSaid ? 'accepted' : 'assertion_failed'
}
