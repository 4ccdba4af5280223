import type { Clock } from './clock.ts'

/**
 * Counts and latencies of the last minute, in one slot a second: adding is two array writes, so that it may stand on a
 * hot path. Quantiles are exact to 9 % (the width of a bucket).
 */
export type Meter = {
  /** `count` of something happened; `latencyMs` where it took time. */
  add(count: number, latencyMs?: number): void
  /** Over the last ten whole seconds. */
  perSecond(): number
  /** Of the latencies of the last minute; undefined when there is none. */
  latencyMs(): { readonly p50: number; readonly p99: number } | undefined
  total(): number
}

type Slot = { second: number; count: number; timed: number; readonly buckets: Uint32Array }

const SLOTS = 60
const RATE_SECONDS = 10
const BUCKETS = 192
const SHORTEST_MS = 0.01
const BUCKETS_PER_DOUBLING = 8

export function createMeter(clock: Pick<Clock, 'monotonicMs'>): Meter {
  const secondNow = () => Math.floor(clock.monotonicMs() / 1000)
  const started = secondNow()
  const slots: readonly Slot[] = Array.from({ length: SLOTS + 1 }, () => ({
    ...{ second: -1, count: 0, timed: 0 },
    buckets: new Uint32Array(BUCKETS),
  }))
  let total = 0

  function current(): Slot {
    const second = secondNow()
    const slot = slots[second % slots.length]
    if (!slot) throw new RangeError('there is a slot for every second')
    if (slot.second !== second) {
      slot.second = second
      slot.count = 0
      slot.timed = 0
      slot.buckets.fill(0)
    }
    return slot
  }
  return {
    add(count, latencyMs) {
      const slot = current()
      slot.count += count
      total += count
      if (latencyMs === undefined) return
      slot.timed += 1
      const bucket = bucketOf(latencyMs)
      slot.buckets[bucket] = (slot.buckets[bucket] ?? 0) + 1
    },
    perSecond() {
      const now = secondNow()
      const span = Math.min(RATE_SECONDS, Math.max(1, now - started))
      const whole = slots.filter((slot) => slot.second < now && slot.second >= now - span)
      return whole.reduce((sum, slot) => sum + slot.count, 0) / span
    },
    latencyMs() {
      const now = secondNow()
      const recent = slots.filter((slot) => slot.timed > 0 && slot.second > now - SLOTS)
      const timed = recent.reduce((sum, slot) => sum + slot.timed, 0)
      if (timed === 0) return undefined
      const sums = new Uint32Array(BUCKETS)
      for (const slot of recent)
        for (let at = 0; at < BUCKETS; at += 1) sums[at] = (sums[at] ?? 0) + (slot.buckets[at] ?? 0)
      return { p50: quantile(sums, timed, 0.5), p99: quantile(sums, timed, 0.99) }
    },
    total: () => total,
  }
}

function bucketOf(latencyMs: number): number {
  const bucket = Math.ceil(Math.log2(Math.max(latencyMs, SHORTEST_MS) / SHORTEST_MS) * BUCKETS_PER_DOUBLING)
  return Math.min(BUCKETS - 1, bucket)
}

/** The upper bound of the bucket that holds the quantile, in milliseconds with three digits that mean something. */
function quantile(buckets: Uint32Array, count: number, share: number): number {
  const rank = Math.ceil(count * share)
  let seen = 0
  const found = buckets.findIndex((inBucket) => {
    seen += inBucket
    return seen >= rank
  })
  return Number((SHORTEST_MS * 2 ** (found / BUCKETS_PER_DOUBLING)).toPrecision(3))
}
