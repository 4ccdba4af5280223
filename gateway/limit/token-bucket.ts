export type Verdict = {
  readonly allowed: boolean
  /** Requests left right now. */
  readonly remaining: number
  /** Whole seconds until the bucket is full again, or, when refused, until one request is let in. */
  readonly resetSeconds: number
}

const MOST_CALLERS = 10_000

/**
 * Lets each caller make `perSecond` requests a second, and as many at once after a rest. In process: each gateway
 * counts its own. When more than 10,000 callers are known, the one that was new longest ago starts anew.
 */
export function createRateLimit(perSecond: number, monotonicMs: () => number): (caller: string) => Verdict {
  const buckets = new Map<string, { tokens: number; atMs: number }>()
  return (caller) => {
    const nowMs = monotonicMs()
    let bucket = buckets.get(caller)
    if (!bucket) {
      if (buckets.size >= MOST_CALLERS) buckets.delete(buckets.keys().next().value ?? '')
      bucket = { tokens: perSecond, atMs: nowMs }
      buckets.set(caller, bucket)
    }
    bucket.tokens = Math.min(perSecond, bucket.tokens + ((nowMs - bucket.atMs) / 1000) * perSecond)
    bucket.atMs = nowMs
    if (bucket.tokens < 1) {
      return { allowed: false, remaining: 0, resetSeconds: Math.ceil((1 - bucket.tokens) / perSecond) }
    }
    bucket.tokens -= 1
    const resetSeconds = Math.ceil((perSecond - bucket.tokens) / perSecond)
    return { allowed: true, remaining: Math.floor(bucket.tokens), resetSeconds }
  }
}
