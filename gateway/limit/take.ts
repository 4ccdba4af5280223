import { createBudgets } from '../share/in-process/budgets.ts'
import type { Budget, SharedMemory, Taken } from '../share/shared-memory.ts'

export type Verdict = {
  readonly allowed: boolean
  /** What is left right now. */
  readonly remaining: number
  /** Whole seconds until all of it is there again, or, when refused, until one is let in; 1 at least. */
  readonly resetSeconds: number
}

/**
 * Takes what something costs from what `key` (a caller, an address) may take a second. It is allowed while one is left;
 * what it costs beyond that is owed, and nothing is allowed until that has come in again.
 */
export type Take = (key: string, cost?: number) => Promise<Verdict>

/**
 * Counted by all gateways together, under a name of its own; while they share nothing each gateway counts its own, so
 * that nobody is let in without a limit, nor refused for an outage.
 */
export function createSharedTake(options: {
  readonly memory: SharedMemory
  readonly name: string
  readonly budget: () => Budget
  readonly monotonicMs: () => number
}): Take {
  const { memory, name } = options
  const own = createBudgets(options.monotonicMs)
  return async (key, cost = 1) => {
    const of = `${name}:${key}`
    const budget = options.budget()
    const taken = await (cost === 1
      ? memory.take(of, budget).catch(() => own.take(of, budget))
      : memory.owe(of, cost, budget).catch(() => own.owe(of, cost, budget)))
    return verdictOf(taken)
  }
}

function verdictOf({ allowed, remaining, retryAfterMs, fullAfterMs }: Taken): Verdict {
  return { allowed, remaining, resetSeconds: Math.max(1, Math.ceil((allowed ? fullAfterMs : retryAfterMs) / 1000)) }
}
