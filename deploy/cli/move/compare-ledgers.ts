import { defaultPathOf } from '@micropay/schemas/account-path'
import type { Account } from '@micropay/schemas/api/account'
import type { OldAccount } from './old-account.ts'
import type { Survey } from './survey.ts'

/** An account of the new ledger that is not what it was in the old one; `what` says in which respect. */
export type Difference = {
  readonly accountId: string
  readonly what: string
  readonly old: string
  readonly new: string
}

/** What accounts hold in one currency: above zero and below, which are equal where all of a ledger is seen. */
export type Totals = { accounts: number; credit: bigint; debit: bigint }

export type Comparison = {
  readonly compared: number
  readonly differences: readonly Difference[]
  readonly differenceCount: number
  readonly totals: ReadonlyMap<string, { readonly old: Totals; readonly new: Totals }>
}

const MOST_DIFFERENCES = 100

/** Compares every account, with its balance, and what they hold together; in these respects, where some are named. */
export async function compareLedgers(
  { accounts }: Pick<Survey, 'accounts'>,
  pages: AsyncIterable<readonly Account[]>,
  respects?: ReadonlySet<string>,
): Promise<Comparison> {
  const differences: Difference[] = []
  let differenceCount = 0
  const tell = (difference: Difference) => {
    if (respects && !respects.has(difference.what)) return
    differenceCount += 1
    if (differences.length < MOST_DIFFERENCES) differences.push(difference)
  }
  const totals = new Map<string, { old: Totals; new: Totals }>()
  const totalsOf = (currency: string) => {
    const both = totals.get(currency) ?? { old: newTotals(), new: newTotals() }
    totals.set(currency, both)
    return both
  }
  for (const { currency, balanceMinor } of accounts.values()) add(totalsOf(currency).old, balanceMinor)
  const missing = new Set(accounts.keys())
  for await (const page of pages) {
    for (const account of page) {
      const { accountId, currency, balance } = account
      add(totalsOf(currency).new, BigInt(balance))
      const old = accounts.get(accountId)
      missing.delete(accountId)
      if (!old) tell({ accountId, what: 'account', old: 'none', new: `balance ${balance}` })
      else for (const { what, ...sides } of differencesOf(old, account)) tell({ accountId, what, ...sides })
    }
  }
  for (const accountId of missing)
    tell({ accountId, what: 'account', old: balanceText(accounts, accountId), new: 'none' })
  return { compared: accounts.size, differences, differenceCount, totals }
}

function balanceText(accounts: Survey['accounts'], accountId: OldAccount['accountId']): string {
  return `balance ${accounts.get(accountId)?.balanceMinor}`
}

/** What is told of an account on both sides, in the words of the API. */
export function differencesOf(old: OldAccount, account: Account): Omit<Difference, 'accountId'>[] {
  const { type, currency, owner, balanceMinor, overdraftLimit, status, frozen, name, ownerReference, path } = old
  const sides: Readonly<Record<string, readonly [unknown, unknown]>> = {
    balance: [balanceMinor, BigInt(account.balance)],
    held: [0n, BigInt(account.held)],
    type: [type, account.type],
    currency: [currency, account.currency],
    owner: [owner, account.owner],
    overdraftLimit: [overdraftLimit, account.overdraftLimit],
    status: [status, account.status],
    frozen: [frozen ?? null, account.frozen],
    name: [name ?? null, account.name],
    ownerReference: [ownerReference ?? null, account.ownerReference],
    path: [path ?? defaultPathOf(type, currency), account.path],
    // Customers' accounts have no such flag.
    receivesFromCustomers: [type === 'customer' || (old.receivesFromCustomers ?? false), account.receivesFromCustomers],
  }
  return Object.entries(sides).flatMap(([what, [before, now]]) => {
    return before === now ? [] : [{ what, old: String(before), new: String(now) }]
  })
}

function newTotals(): Totals {
  return { accounts: 0, credit: 0n, debit: 0n }
}

function add(totals: Totals, minor: bigint): void {
  totals.accounts += 1
  if (minor > 0n) totals.credit += minor
  else totals.debit -= minor
}
