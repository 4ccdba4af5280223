import type { AccountType } from '@micropay/schemas/account-type'
import type { Request } from '@micropay/schemas/log/message'
import type { Leg } from '@micropay/schemas/log/payment-legs'
import type { Sides } from '@micropay/schemas/log/saga-events'
import { suspenseId } from '@micropay/schemas/suspense'
import { accountKey, accounts } from './account.ts'
import { isCredit, isDebit } from './check-legs.ts'
import { ownResume } from './history.ts'
import type { LedgerView } from './ledger.ts'

type Told = Extract<Request, { kind: 'commit' }>
/** The word of a coordinator that it has decided, with what it was that was promised. */
export type Repaired = Told & { readonly [Each in 'legs' | 'effectiveAt']: NonNullable<Told[Each]> }

/** What was promised may be in the history that was lost here: the coordinator says once more what it was. */
export function isForced(message: Request, ledger: LedgerView): message is Repaired {
  const isRepaired = message.kind === 'commit' && message.legs !== undefined && message.effectiveAt !== undefined
  return isRepaired && ownResume(ledger) !== undefined
}

/** Promised once, so taken whatever the limits say by now; what has no open account stands in suspense. */
export function forcedLegs(
  { legs, tenant }: Repaired,
  ledger: LedgerView,
  { partition }: { readonly partition: number },
): { readonly legs: readonly Leg[]; readonly sides: Sides } {
  const found = legs.map(({ leg: _, ...leg }): { readonly leg: Leg; readonly type: AccountType } => {
    const account = ledger.read(accounts, accountKey(tenant, leg.account))
    if (account && account.status !== 'closed' && account.currency === leg.currency) return { leg, type: account.type }
    // No account that somebody opens has such an id.
    const suspense = suspenseId(partition, leg.currency) as Leg['account']
    const { stands: _stands, ...moved } = leg
    return { leg: { ...moved, account: suspense }, type: 'internal' }
  })
  const typesOf = (isOfSide: (leg: Leg) => boolean) => [
    ...new Set(found.flatMap(({ leg, type }) => (isOfSide(leg) ? [type] : []))),
  ]
  return { legs: found.map(({ leg }) => leg), sides: { debited: typesOf(isDebit), credited: typesOf(isCredit) } }
}
