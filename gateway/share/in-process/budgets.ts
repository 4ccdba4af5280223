import type { Budget, Taken } from '../shared-memory.ts'

const MOST_BUDGETS = 10_000

export type Budgets = ReturnType<typeof createBudgets>

/**
 * Budgets of this process. Each is one number, when it will be full again (the generic cell rate algorithm, ITU-T
 * I.371). When 10,000 are known the one that was new longest ago starts anew.
 */
export function createBudgets(monotonicMs: () => number) {
  const fullAtMs = new Map<string, number>()

  function spend(name: string, cost: number, { perSecond, most }: Budget, isOwed: boolean): Taken {
    const nowMs = monotonicMs()
    const tokenMs = 1000 / perSecond
    const before = Math.max(fullAtMs.get(name) ?? nowMs, nowMs)
    const held = most - (before - nowMs) / tokenMs
    const allowed = held >= 1 - ROUNDING
    const there = allowed ? Math.min(cost, Math.floor(held + ROUNDING)) : 0
    const spent = isOwed ? cost : there
    const after = before + spent * tokenMs
    const oldest = fullAtMs.keys().next().value
    if (!fullAtMs.has(name) && fullAtMs.size >= MOST_BUDGETS && oldest !== undefined) fullAtMs.delete(oldest)
    fullAtMs.set(name, after)
    return {
      allowed,
      spent,
      remaining: Math.max(0, Math.floor(held - spent + ROUNDING)),
      retryAfterMs: allowed ? 0 : Math.ceil((1 - held + spent) * tokenMs),
      fullAfterMs: Math.ceil(after - nowMs),
    }
  }
  return {
    take: (name: string, budget: Budget, most = 1): Taken => spend(name, most, budget, false),
    owe: (name: string, cost: number, budget: Budget): Taken => spend(name, cost, budget, true),
  }
}

/** Times are fractions that do not add up to whole tokens to the last digit. */
const ROUNDING = 1e-3
