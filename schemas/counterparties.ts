/** What of a leg says whom its money is against. */
type Leg<Account> = {
  readonly account: Account
  readonly amount: string
  readonly currency: string
  readonly pair?: number | undefined
}

/**
 * Of each leg of a payment the account that its money is against: the other one of its pair; of a leg without a pair
 * the only account on the other side in its currency. Undefined where there are several, or where no money moves.
 */
export function counterpartiesOf<Account extends string>(legs: readonly Leg<Account>[]): (Account | undefined)[] {
  const sides = new Map<string, Set<Account>>()
  for (const leg of legs) {
    if (leg.amount === '0') continue
    const side = sideOf(leg, leaves(leg))
    const accounts = sides.get(side)
    if (accounts) accounts.add(leg.account)
    else sides.set(side, new Set([leg.account]))
  }
  return legs.map((leg) => {
    if (leg.amount === '0') return undefined
    const [only, ...more] = sides.get(sideOf(leg, !leaves(leg))) ?? []
    return more.length === 0 ? only : undefined
  })
}

function leaves({ amount }: Leg<string>): boolean {
  return amount.startsWith('-')
}

/** One side of a pair, or of all legs in a currency that have none. */
function sideOf({ currency, pair }: Leg<string>, isFrom: boolean): string {
  return `${isFrom ? 'from' : 'to'} ${pair ?? currency}`
}
