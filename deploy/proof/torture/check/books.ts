import { homeOf, isTransit } from './placement.ts'
import type { Leg } from './read-journal.ts'

export type Amounts = Map<string, bigint>

/** What the accounts of one partition stand at; each is kept by its tenant and its id. */
export type Books = {
  readonly partition: number
  readonly partitions: number
  readonly limits: Map<string, bigint | undefined>
  readonly balances: Amounts
  /** What open payments across partitions have promised away, and what they have promised to bring. */
  readonly held: Amounts
  readonly due: Amounts
  /** What a freeze stops. */
  readonly frozen: Map<string, 'nothing' | 'outgoing' | 'all'>
  /** Of each payment what it moved on each account, of all partitions, less what was given back. */
  readonly left: Map<string, Amounts>
}

export function createBooks(partition: number, partitions: number): Books {
  return {
    ...{ partition, partitions, limits: new Map(), balances: new Map(), held: new Map(), due: new Map() },
    ...{ frozen: new Map(), left: new Map() },
  }
}

/** All that is kept of accounts is kept by this. */
export function keyOf(tenant: string, accountId: string): string {
  return `${tenant} ${accountId}`
}

export function keyed(tenant: string, legs: readonly Leg[]): Leg[] {
  return legs.map((leg) => ({ ...leg, account: keyOf(tenant, leg.account) }))
}

/** The legs whose accounts live on the partition; transit accounts are none of them. */
export function ownOf(legs: readonly Leg[], { partition, partitions }: Pick<Books, 'partition' | 'partitions'>): Leg[] {
  return legs.filter(({ account }) => !isTransit(account) && homeOf(account, partitions) === partition)
}

/** Promises what the legs say, or lets go of what was promised before. */
export function promise(legs: readonly Leg[], times: 1n | -1n, { held, due }: Books): void {
  for (const { account, amount } of legs) {
    const minor = BigInt(amount)
    const [into, by] = minor < 0n ? [held, -minor] : [due, minor]
    into.set(account, (into.get(account) ?? 0n) + by * times)
  }
}

export function movedBy(legs: readonly Leg[]): Amounts {
  const moved: Amounts = new Map()
  for (const { account, amount } of legs) moved.set(account, (moved.get(account) ?? 0n) + BigInt(amount))
  return moved
}

export function sumsOf(legs: readonly Leg[]): Amounts {
  const sums: Amounts = new Map()
  for (const { currency, amount } of legs) sums.set(currency, (sums.get(currency) ?? 0n) + BigInt(amount))
  return sums
}

/** Accounts that would pass their limit with what they have promised. */
export function passing(legs: readonly Leg[], { limits, balances, held }: Books): string[] {
  const passes = [...movedBy(legs)].filter(([id, amount]) => {
    const least = limits.get(id)
    const available = (balances.get(id) ?? 0n) - (held.get(id) ?? 0n)
    return amount < 0n && least !== undefined && available + amount < -least
  })
  return passes.map(([id]) => id)
}

/** Accounts that a freeze stops from what is moved. */
export function stopped(legs: readonly Leg[], { frozen }: Books): string[] {
  const isStopped = ({ account, amount }: Leg) => {
    const stops = frozen.get(account) ?? 'nothing'
    return stops === 'all' || (stops === 'outgoing' && amount.startsWith('-'))
  }
  return legs.filter(isStopped).map(({ account }) => account)
}

/** Accounts that would not stand behind a leg where it says that they do. */
export function unlike(legs: readonly Leg[], { balances }: Books): string[] {
  const behind = new Map<string, bigint>()
  return legs.flatMap(({ account, amount, stands }) => {
    const balance = (behind.get(account) ?? balances.get(account) ?? 0n) + BigInt(amount)
    behind.set(account, balance)
    return stands === undefined || BigInt(stands) === balance ? [] : [account]
  })
}
