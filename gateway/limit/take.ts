import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'

export type Verdict = {
  readonly allowed: boolean
  /** What is left of this second. */
  readonly remaining: number
  /** Whole seconds until there is more, 1 at least. */
  readonly resetSeconds: number
}

/**
 * Takes what something costs from what `key` (a caller, an address) may take a second. It is allowed while anything is
 * left; what it costs beyond that is owed, and nothing is allowed until as many seconds have passed as that takes.
 */
export type Take = (key: string, cost?: number) => Promise<Verdict>

/** Counted in this process: each gateway counts its own. `perSecond` is 1 or more. */
export function createTake(perSecond: number): Take {
  const limiter = new RateLimiterMemory({ points: perSecond, duration: 1 })
  return async (key, cost = 1) => {
    const consumed = await limiter.consume(key, cost).catch(overdrawn)
    const { consumedPoints } = consumed
    let resetSeconds = Math.max(1, Math.ceil(consumed.msBeforeNext / 1000))
    if (cost > 1 && consumedPoints > perSecond) {
      resetSeconds = Math.ceil(consumedPoints / perSecond)
      await limiter.set(key, consumedPoints, resetSeconds)
    }
    const remaining = Math.max(0, perSecond - consumedPoints)
    return { allowed: consumedPoints - cost < perSecond, remaining, resetSeconds }
  }
}

/** The limiter rejects with what was consumed where that is too much. */
function overdrawn(error: unknown): RateLimiterRes {
  if (error instanceof RateLimiterRes) return error
  throw error
}
