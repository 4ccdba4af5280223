import type { Budget, Taken } from '../shared-memory.ts'

const MOST_BUDGETS = 10_000

export type Budgets = { take(name: string, cost: number, budget: Budget): Taken }

/**
 * Budgets of this process. Each is one number, when it will be full again (the generic cell rate algorithm, ITU-T
 * I.371). When 10,000 are known the one that was new longest ago starts anew.
 */
export function createBudgets(monotonicMs: () => number): Budgets {
  const fullAtMs = new Map<string, number>()
  return {
    take(name, cost, { perSecond, most }) {
      const nowMs = monotonicMs()
      const tokenMs = 1000 / perSecond
      const before = Math.max(fullAtMs.get(name) ?? nowMs, nowMs)
      const held = most - (before - nowMs) / tokenMs
      const missing = Math.min(cost, most) - held
      if (missing > ROUNDING) {
        const retryAfterMs = Math.ceil(missing * tokenMs)
        return { allowed: false, remaining: remaining(held), retryAfterMs, fullAfterMs: Math.ceil(before - nowMs) }
      }
      const after = before + cost * tokenMs
      const oldest = fullAtMs.keys().next().value
      if (!fullAtMs.has(name) && fullAtMs.size >= MOST_BUDGETS && oldest !== undefined) fullAtMs.delete(oldest)
      fullAtMs.set(name, after)
      const fullAfterMs = Math.ceil(after - nowMs)
      return { allowed: true, remaining: remaining(held - cost), retryAfterMs: 0, fullAfterMs }
    },
  }
}

function remaining(held: number): number {
  return Math.max(0, Math.floor(held + ROUNDING))
}

/** Times are fractions that do not add up to whole tokens to the last digit. */
const ROUNDING = 1e-3
