import { createBudgets } from '../share/in-process/budgets.ts'
import type { Budget, SharedMemory, Taken } from '../share/shared-memory.ts'
import { createPortions } from './portions.ts'

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
 * Counted by all gateways together, under a name of its own, in portions: the usual request asks nobody. While they
 * share nothing each gateway counts its own, so that nobody is let in without a limit, nor refused for an outage.
 */
export function createSharedTake(options: {
  readonly memory: SharedMemory
  readonly name: string
  readonly budget: () => Budget
  readonly monotonicMs: () => number
}): Take {
  const { memory, name } = options
  const own = createBudgets(options.monotonicMs)
  const portions = createPortions(options.monotonicMs)
  const queues = new Map<string, Queue>()

  /** Of many at once one asks, for itself or a portion; then another one for all that still wait. */
  async function takeOne(of: string, budget: Budget): Promise<Taken> {
    if (memory.away()) return own.take(of, budget)
    const queue = queues.get(of) ?? { asking: undefined, waiting: 0 }
    queues.set(of, queue)
    let taken = portions.take(of, budget)
    while (!taken && queue.asking) {
      queue.waiting += 1
      await queue.asking
      queue.waiting -= 1
      taken = portions.take(of, budget)
    }
    taken ??= await ask(of, budget, queue)
    if (!queue.asking && queue.waiting === 0) queues.delete(of)
    return taken
  }

  async function ask(of: string, budget: Budget, queue: Queue): Promise<Taken> {
    const asking = memory.take(of, budget, Math.max(portions.sizeOf(budget), 1 + queue.waiting)).then(
      (taken) => {
        portions.keep(of, budget, taken)
        return taken
      },
      () => own.take(of, budget),
    )
    queue.asking = asking
    const { remaining, spent, ...taken } = await asking
    queue.asking = undefined
    return { ...taken, spent, remaining: remaining + Math.max(0, spent - 1) }
  }

  return async (key, cost = 1) => {
    const of = `${name}:${key}`
    const budget = options.budget()
    if (cost === 1)
      return verdictOf(memory.kind === 'process' ? await memory.take(of, budget) : await takeOne(of, budget))
    portions.drop(of)
    return verdictOf(await memory.owe(of, cost, budget).catch(() => own.owe(of, cost, budget)))
  }
}

type Queue = { asking: Promise<unknown> | undefined; waiting: number }

function verdictOf({ allowed, remaining, retryAfterMs, fullAfterMs }: Taken): Verdict {
  return { allowed, remaining, resetSeconds: Math.max(1, Math.ceil((allowed ? fullAfterMs : retryAfterMs) / 1000)) }
}
