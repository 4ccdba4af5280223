import type { LedgerEvent } from '@micropay/schemas/log/event'
import { formatMinor } from '@micropay/schemas/money'
import type { Brought, DecisionFacts, LedgerView } from './ledger.ts'
import { confirmedAbove } from './policy.ts'
import { arrivingIn, movesMore } from './proposal.ts'

/** Its payer has yet to confirm what it brings to whom: nothing is decided before. */
export class NotConfirmedError extends Error {
  readonly brought: readonly Brought[]

  constructor(brought: readonly Brought[], why: string) {
    super(why)
    this.brought = brought
  }
}

/**
 * Throws NotConfirmedError where a policy asks the payer to confirm what these events move, and what they have
 * confirmed is something else, or was confirmed too long ago. Of whom none is asked, the facts have no confirmation.
 */
export function checkConfirmed(events: readonly LedgerEvent[], ledger: LedgerView, facts: DecisionFacts): void {
  const { confirmation, tenant, decidedAt } = facts
  const above = confirmation && confirmedAbove(ledger, tenant)
  if (!confirmation || !above || !movesMore(events, above, facts)) return
  const brought = broughtBy(events)
  const { payments, until } = confirmation
  const wanted = words(brought)
  if (payments.length === 0) throw new NotConfirmedError(brought, `confirm ${wanted}`)
  if (words(payments) !== wanted) {
    throw new NotConfirmedError(brought, `${words(payments)} was confirmed, and not ${wanted}: confirm that`)
  }
  if (decidedAt > until)
    throw new NotConfirmedError(brought, `what was confirmed counted until ${until}: confirm ${wanted}`)
}

/** To each account in each currency, in one order. */
function broughtBy(events: readonly LedgerEvent[]): Brought[] {
  const sums = new Map<string, bigint>()
  for (const { account, amount, currency } of arrivingIn(events)) {
    const key = `${account}\n${currency}`
    sums.set(key, (sums.get(key) ?? 0n) + BigInt(amount))
  }
  return Array.from(sums, ([key, minor]) => {
    const [payee = '', currency = ''] = key.split('\n')
    return { payee, amount: formatMinor(minor, currency), currency }
  })
}

/** `6000.00 EUR to ben:main`, the same in whatever order they come. */
function words(brought: readonly Brought[]): string {
  return brought
    .map(({ payee, amount, currency }) => `${amount} ${currency} to ${payee}`)
    .toSorted()
    .join(' and ')
}
