import { LRUCache } from 'lru-cache'
import type { Budget, Taken } from '../share/shared-memory.ts'

/** What was taken together for one key, and is not used yet; or that there is nothing for a while. */
type Portion = {
  readonly most: number
  left: number
  readonly remaining: number
  readonly untilMs: number
  readonly fullAtMs: number
  readonly retryAtMs: number
}

/** A hundredth at once: so much may a gateway hold that another one's caller then lacks. */
const SHARE = 100
/** What is not used is lost: nobody saves it for a burst. */
const HELD_MS = 1_000
/** Whoever is refused asks elsewhere again so soon, since limits may change, and memories be lost. */
const REFUSED_MS = 250
const MOST_KEYS = 10_000

export type Portions = ReturnType<typeof createPortions>

/** Parts of budgets that this gateway holds, so that it need not ask for each request. */
export function createPortions(monotonicMs: () => number) {
  const held = new LRUCache<string, Portion>({ max: MOST_KEYS })
  return {
    /** Takes one of what is held, or says that there is none; undefined where that has to be asked. */
    take(key: string, { most }: Budget): Taken | undefined {
      const portion = held.get(key)
      const nowMs = monotonicMs()
      if (!portion || portion.most !== most || nowMs >= portion.untilMs) return undefined
      const isRefused = portion.retryAtMs > nowMs
      if (!isRefused && portion.left === 0) return undefined
      if (!isRefused) portion.left -= 1
      return {
        ...{ allowed: !isRefused, spent: isRefused ? 0 : 1, remaining: portion.remaining + portion.left },
        ...{ retryAfterMs: portion.retryAtMs - nowMs, fullAfterMs: portion.fullAtMs - nowMs },
      }
    },
    /** Keeps what was taken, but for the one that it was taken for. */
    keep(key: string, { most }: Budget, { allowed, spent, remaining, retryAfterMs, fullAfterMs }: Taken): void {
      const nowMs = monotonicMs()
      const untilMs = nowMs + (allowed ? HELD_MS : Math.min(REFUSED_MS, retryAfterMs))
      const times = { untilMs, fullAtMs: nowMs + fullAfterMs, retryAtMs: nowMs + retryAfterMs }
      held.set(key, { most, left: allowed ? spent - 1 : 0, remaining, ...times })
    },
    drop: (key: string): void => void held.delete(key),
    sizeOf: ({ most }: Budget): number => Math.max(1, Math.floor(most / SHARE)),
  }
}
