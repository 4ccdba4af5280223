import type { Verification } from '@micropay/schemas/api/audit'
import type { AccountId } from '@micropay/schemas/identifiers'
import type { Commit } from '@micropay/schemas/log/commit'
import { isPosting } from '@micropay/schemas/log/legs-in'
import { suspenseOf } from '@micropay/schemas/suspense'
import { transitPartnerOf } from '@micropay/schemas/transit'
import { accountKey, accounts } from '../decide/account.ts'
import type { LedgerView } from '../decide/ledger.ts'

/**
 * What lost history has left for staff to settle: suspense accounts that are not at zero, and accounts that what was
 * posted by force left below their limits, until they are within them again.
 */
export type Unsettled = {
  /** `after` is the ledger behind the commit. */
  take(commit: Commit, after: LedgerView): void
  found(): Verification['unsettled']
}

type Account = { readonly tenant: string; readonly accountId: AccountId }

export function createUnsettled(): Unsettled {
  const suspense = new Map<string, Account & { minor: bigint }>()
  const forced = new Map<string, Account & { readonly currency: string; below: bigint }>()
  return {
    take({ tenant, events }, after) {
      for (const event of events) {
        if (!isPosting(event)) continue
        for (const { account: accountId, amount } of event.data.legs) {
          const key = accountKey(tenant, accountId)
          if (suspenseOf(accountId)) {
            const before = suspense.get(key)?.minor ?? 0n
            suspense.set(key, { tenant, accountId, minor: before + BigInt(amount) })
          } else if (isForced(event) && transitPartnerOf(accountId) === undefined) {
            const currency = after.read(accounts, key)?.currency ?? ''
            forced.set(key, { tenant, accountId, currency, below: 0n })
          }
        }
      }
      for (const [key, account] of forced) {
        account.below = belowLimit(account, after)
        if (account.below === 0n) forced.delete(key)
      }
    },
    found: () => [
      ...[...suspense.values()]
        .filter(({ minor }) => minor !== 0n)
        .map(({ tenant, accountId, minor }) => {
          const currency = suspenseOf(accountId)?.currency ?? ''
          return { kind: 'suspense' as const, tenant, accountId, currency, amount: minor.toString() }
        }),
      ...[...forced.values()].map(({ below, ...account }) => {
        return { kind: 'below_limit' as const, ...account, amount: below.toString() }
      }),
    ],
  }
}

function isForced({ data }: { readonly data: object }): boolean {
  return 'forced' in data && data.forced === true
}

/** By how much less is available than the limit allows; zero within it. */
function belowLimit({ tenant, accountId }: Account, ledger: LedgerView): bigint {
  const account = ledger.read(accounts, accountKey(tenant, accountId))
  if (!account || account.overdraftLimit === 'unlimited') return 0n
  const available = account.balanceMinor - (account.heldMinor ?? 0n) + BigInt(account.overdraftLimit)
  return available < 0n ? -available : 0n
}
