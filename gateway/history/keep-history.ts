import type { Clock } from '@micropay/runtime/clock'
import type { FlowFigures, History } from '@micropay/schemas/api/history'
import type { UpstreamHealth } from '../forward/upstream-health.ts'

const HOUR_MS = 3_600_000
const MOST_CHANGES = 200
export const LOOK_EVERY_MS = 10_000

type Kept = Pick<History, 'since' | 'everySeconds' | 'samples' | 'changes'>
type Change = Kept['changes'][number]

export type Looks = {
  readonly sample: () => Promise<FlowFigures>
  /** How each service stands, by its name. */
  readonly health: () => Promise<Readonly<Record<string, Pick<UpstreamHealth, 'status' | 'reason'>>>>
}

/**
 * An hour of looks at the flow, in memory and bounded, and when services began to stand otherwise. One look at a time:
 * where one takes long, the next is left out.
 */
export function keepHistory(looks: Looks, clock: Clock, everyMs: number | undefined) {
  const since = new Date(clock.nowMs()).toISOString()
  const samples: FlowFigures[] = []
  const changes: Change[] = []
  const standing = new Map<string, string>()
  let isLooking = false

  async function look(): Promise<void> {
    if (isLooking) return
    isLooking = true
    try {
      const [sample, health] = await Promise.all([looks.sample(), looks.health()])
      samples.push(sample)
      while (samples.length > 1 && Date.parse(samples[0]?.at ?? '') < clock.nowMs() - HOUR_MS) samples.shift()
      samples.splice(0, samples.length - mostSamples)
      note(sample.at, health)
    } finally {
      isLooking = false
    }
  }
  function note(at: string, health: Awaited<ReturnType<Looks['health']>>): void {
    for (const [service, { status, reason = null }] of Object.entries(health)) {
      const now = `${status} ${reason}`
      const before = standing.get(service) ?? 'ready null'
      standing.set(service, now)
      if (before !== now) changes.unshift({ at, service, status, reason })
    }
    changes.splice(MOST_CHANGES)
  }
  const mostSamples = Math.ceil(HOUR_MS / (everyMs ?? LOOK_EVERY_MS)) + 1
  // What cannot be looked at stands in the sample as unknown; a look that throws is a bug.
  const timer = everyMs === undefined ? undefined : clock.every(everyMs, () => void look())
  return {
    look,
    kept: (): Kept => ({
      since,
      everySeconds: Math.round((everyMs ?? LOOK_EVERY_MS) / 1000),
      samples: [...samples],
      changes: [...changes],
    }),
    close: () => timer?.cancel(),
  }
}
