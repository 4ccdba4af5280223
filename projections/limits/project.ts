import type { Commit } from '@micropay/schemas/log/commit'
import { ProjectionError } from '../projection.ts'
import type { Changes } from '../write/table.ts'
import type { limitsTables, NewLimit } from './tables.ts'

export type LimitsChanges = Changes<typeof limitsTables>

/**
 * Folds a batch of one partition's commits into the accounts that they open or move, each once, as it stands after the
 * batch. `known` holds every account of `touchedAccounts` that existed before. Throws ProjectionError for what cannot
 * be.
 */
export function projectLimits(
  partition: number,
  commits: readonly Commit[],
  known: ReadonlyMap<string, NewLimit>,
): LimitsChanges {
  const limits = new Map<string, NewLimit>()
  for (const { tenant, seq, events } of commits) {
    const move = (accountId: string, amountMinor: bigint) => {
      const before = limits.get(accountId) ?? known.get(accountId)
      if (!before) {
        throw new ProjectionError(
          `the commit at ${partition}:${seq} moves money on ${accountId}, which was never opened`,
        )
      }
      limits.set(accountId, { ...before, balance_minor: before.balance_minor + amountMinor })
    }
    for (const { type, data } of events) {
      if (type === 'AccountOpened') {
        limits.set(data.accountId, {
          account_id: data.accountId,
          partition,
          tenant,
          owner: data.owner,
          currency: data.currency,
          overdraft_limit: data.overdraftLimit === 'unlimited' ? null : BigInt(data.overdraftLimit),
          balance_minor: 0n,
        })
      }
      if (type !== 'PaymentPosted') continue
      for (const { from, to, amount } of data.postings) {
        move(from, -BigInt(amount))
        move(to, BigInt(amount))
      }
    }
  }
  return { limits: [...limits.values()] }
}

/** The accounts whose balances a batch changes. */
export function touchedAccounts(commits: readonly Commit[]): Set<string> {
  const touched = new Set<string>()
  for (const { events } of commits) {
    for (const event of events) {
      if (event.type !== 'PaymentPosted') continue
      for (const { from, to } of event.data.postings) touched.add(from).add(to)
    }
  }
  return touched
}
