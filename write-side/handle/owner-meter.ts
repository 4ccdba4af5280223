import type { Clock } from '@micropay/runtime/clock'
import { createMeter } from '@micropay/runtime/meter'
import type { VoidReason } from '@micropay/schemas/log/void-reason'

/** So many of the newest void records are kept to be shown. */
const LAST_VOIDS = 20

export type SeenVoid = { readonly offset: bigint; readonly reason: VoidReason; readonly seenAt: string }

/** What a partition's owner counts for those who watch it: counters alone, so that the hot path does not feel it. */
export type OwnerMeter = {
  appended(latencyMs: number): void
  counted(commits: number): void
  /** A void record was read; one that is read again after another claim is not counted twice. */
  voided(reason: VoidReason, offset: bigint): void
  read(): {
    readonly commitsPerSecond: number
    readonly commitsSinceStart: number
    readonly appendLatencyMs: { readonly p50: number; readonly p99: number } | undefined
    readonly voidsSinceStart: Readonly<Partial<Record<VoidReason, number>>>
    /** Newest first. */
    readonly lastVoids: readonly SeenVoid[]
  }
}

export function createOwnerMeter(clock: Clock): OwnerMeter {
  const appends = createMeter(clock)
  const commits = createMeter(clock)
  const byReason: Partial<Record<VoidReason, number>> = {}
  let last: SeenVoid[] = []
  let readTo = -1n
  return {
    appended: (latencyMs) => appends.add(1, latencyMs),
    counted: (count) => commits.add(count),
    voided(reason, offset) {
      if (offset <= readTo) return
      readTo = offset
      byReason[reason] = (byReason[reason] ?? 0) + 1
      last = [{ offset, reason, seenAt: new Date(clock.nowMs()).toISOString() }, ...last.slice(0, LAST_VOIDS - 1)]
    },
    read: () => ({
      commitsPerSecond: commits.perSecond(),
      commitsSinceStart: commits.total(),
      appendLatencyMs: appends.latencyMs(),
      voidsSinceStart: { ...byReason },
      lastVoids: last,
    }),
  }
}
