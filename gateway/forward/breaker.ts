import type { Clock, Timer } from '@micropay/runtime/clock'
import type { Logger } from '@micropay/runtime/logger'
import { isBrokenCircuitError } from 'cockatiel'
import { UpstreamAwayError } from './failures.ts'
import { forEachLane, type LaneName } from './lanes.ts'
import { createSwitch, type Switch } from './switch.ts'

const LOOK_EVERY_MS = 1_000
/** A service that is asked and has said nothing for so long is looked at, and for so long is away. */
const SILENT_MS = 2_000
const AWAY_MS = 5_000
/** And so many looks in a row must have found nothing: one may have failed for what happens here. */
const LOOKS_IN_VAIN = 3

export type BreakerOptions = {
  readonly name: string
  /** Whether the service answers at all, on connections that no caller has; within a second. */
  readonly look: () => Promise<boolean>
  readonly clock: Clock
  readonly log: Logger
  /** Told when it opens, for one lane or all of them, and when it closes. */
  readonly changed?: ((what: string) => void) | undefined
}
export type Breaker = ReturnType<typeof createBreaker>

/**
 * Says for each kind of traffic whether a service is to be asked: not while most of what it is asked fails, nor, for
 * all kinds, while it says nothing, to callers and to looks at it. So one that stands still keeps nobody waiting.
 */
export function createBreaker({ name, look, clock, log, changed = () => {} }: BreakerOptions) {
  const lanes = switchesOf({ name, clock, log, changed })
  const all = Object.values(lanes)
  let asked = 0
  let heardMs = clock.monotonicMs()
  let looksInVain = 0
  let looking: Promise<void> | undefined

  const silentMs = () => clock.monotonicMs() - heardMs
  const isOpen = (one: Switch) => one.openSinceMs() !== undefined
  function heard(): void {
    heardMs = clock.monotonicMs()
    looksInVain = 0
  }
  async function lookAtIt(): Promise<void> {
    if (await look()) {
      heard()
      if (all.some(isOpen)) {
        log.info({ upstream: name }, 'a service answers, and is asked again')
        changed(`${name} is asked again`)
      }
      for (const one of all) one.close()
      return
    }
    looksInVain += 1
    if (looksInVain < LOOKS_IN_VAIN || silentMs() < AWAY_MS) return
    if (all.every(isOpen)) return
    log.error({ upstream: name }, 'a service does not answer: it is not asked')
    changed(`${name} is not asked, as it does not answer`)
    for (const one of all) one.open()
  }
  const beat: Timer = clock.every(LOOK_EVERY_MS, () => {
    if (!all.some(isOpen) && (asked === 0 || silentMs() < SILENT_MS)) return
    looking ??= lookAtIt().finally(() => {
      looking = undefined
    })
  })

  return {
    /** UpstreamAwayError at once while it is open; `onOpen` is called when it opens before `work` is done. */
    async run<Answer>(lane: LaneName, onOpen: () => void, work: () => Promise<Answer>): Promise<Answer> {
      if (isOpen(lanes[lane])) throw new UpstreamAwayError(name)
      if (asked === 0) heard()
      asked += 1
      lanes[lane].listeners.add(onOpen)
      try {
        return await work()
      } finally {
        lanes[lane].listeners.delete(onOpen)
        asked -= 1
      }
    },
    /** What is asked of the service for it: whether it answers is counted. */
    async count<Answer>(lane: LaneName, ask: () => Promise<Answer>): Promise<Answer> {
      const answer = await lanes[lane].execute(ask).catch((error: unknown) => {
        throw isBrokenCircuitError(error) ? new UpstreamAwayError(name) : error
      })
      heard()
      return answer
    },
    isOpen: (lane: LaneName): boolean => isOpen(lanes[lane]),
    /** Since when it is open for anything, in ms since 1970. */
    openSinceMs: (): number | undefined => earliest(all.flatMap(({ openSinceMs }) => openSinceMs() ?? [])),
    async close(): Promise<void> {
      beat.cancel()
      await looking
    },
  }
}

function switchesOf(
  options: Required<Pick<BreakerOptions, 'name' | 'clock' | 'log'>> & { changed(what: string): void },
) {
  const { name, clock, log, changed } = options
  const told = (lane: LaneName) => () => {
    log.error({ upstream: name, lane }, 'most of what a service is asked fails: it is not asked')
    changed(`${name} is not asked, as most of what it is asked fails: ${lane}`)
  }
  return forEachLane((lane): Switch => createSwitch(clock, told(lane)))
}

function earliest(times: readonly number[]): number | undefined {
  return times.length === 0 ? undefined : Math.min(...times)
}
