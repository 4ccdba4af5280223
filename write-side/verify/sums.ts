import type { Verification, VerifyFault } from '@micropay/schemas/api/audit'
import type { AccountId } from '@micropay/schemas/identifiers'
import type { Commit } from '@micropay/schemas/log/commit'
import { isPosting } from '@micropay/schemas/log/legs-in'
import { suspenseOf } from '@micropay/schemas/suspense'
import { transitCurrencyOf } from '@micropay/schemas/transit'
import { accountKey, accounts } from '../decide/account.ts'
import type { LedgerView } from '../decide/ledger.ts'

/** What all accounts hold together, a currency each: zero, since every commit balances by itself. */
export type Sums = {
  /** What a commit leaves behind; `after` is the ledger behind it. */
  take(commit: Commit, after: LedgerView): readonly VerifyFault[]
  accounts(): number
  byCurrency(): Verification['sums']
}

/**
 * Each side in the currency that its account was opened with, so a payment between two currencies leaves a sum behind.
 */
export function createSums(): Sums {
  const sums = new Map<string, bigint>()
  let opened = 0
  return {
    take({ seq, tenant, events }, after) {
      const faults: VerifyFault[] = []
      const tell = (detail: string) => faults.push({ code: 'unbalanced_commit', seq, detail })
      const net = new Map<string, bigint>()
      const add = (accountId: AccountId, amount: bigint) => {
        const currency =
          transitCurrencyOf(accountId) ??
          suspenseOf(accountId)?.currency ??
          after.read(accounts, accountKey(tenant, accountId))?.currency
        if (currency === undefined) tell(`moves ${amount} on ${accountId}, which was never opened`)
        else net.set(currency, (net.get(currency) ?? 0n) + amount)
      }
      for (const event of events) {
        if (event.type === 'AccountOpened') opened += 1
        if (!isPosting(event)) continue
        for (const { account, amount } of event.data.legs) add(account, BigInt(amount))
      }
      for (const [currency, amount] of net) {
        sums.set(currency, (sums.get(currency) ?? 0n) + amount)
        if (amount !== 0n) tell(`leaves ${amount} minor units of ${currency}`)
      }
      return faults
    },
    accounts: () => opened,
    byCurrency: () => [...sums].sort().map(([currency, amount]) => ({ currency, amount: amount.toString() })),
  }
}
