import type { ChartNode } from '@micropay/schemas/api/reconciliation'
import { sidesOf } from './sides.ts'

export type PathBalance = {
  readonly path: string
  readonly currency: string
  readonly balance: bigint
  readonly accounts: number
}

/**
 * The net of every place in the chart, with all that is below it, by path and then currency. A balance above zero is a
 * credit.
 */
export function rollUp(balances: readonly PathBalance[]): ChartNode[] {
  const nodes = new Map<string, { path: string; currency: string; balance: bigint; accounts: number }>()
  for (const { path, currency, balance, accounts } of balances) {
    const segments = path.split('/')
    for (const depth of segments.keys()) {
      const place = segments.slice(0, depth + 1).join('/')
      const key = `${place} ${currency}`
      const node = nodes.get(key) ?? { path: place, currency, balance: 0n, accounts: 0 }
      node.balance += balance
      node.accounts += accounts
      nodes.set(key, node)
    }
  }
  return [...nodes.values()]
    .sort((a, b) => order(a.path.replaceAll('/', ' '), b.path.replaceAll('/', ' ')) || order(a.currency, b.currency))
    .map(({ path, currency, balance, accounts }) => ({
      ...{ path, currency, accounts, depth: path.split('/').length },
      ...sidesOf(balance),
    }))
}

/** By code units, so that children follow their parent: a space sorts before every character of a segment. */
function order(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
