import { availableParallelism } from 'node:os'
import type { Clock } from '@micropay/runtime/clock'
import type { CheckOptions, Verdict } from '../tables.ts'
import { type Asked, type Checker, startChecker } from './check-apart.ts'

/**
 * Checks states apart from this process, so many at a time: a worker of many partitions that starts checks all of
 * them, and a process for each at once would leave nothing to what renews its leases. What nobody waits for is checked
 * one at a time, and holds up no start.
 */
export type Checkers = {
  /** What cannot be read at all is a verdict, too. Throws what `signal` aborts with. */
  check(asked: Asked, options?: CheckOptions): Promise<Verdict>
}

/** To start a checking process takes longer than to look through a small state, so the next one has it, too. */
export function createCheckers(clock: Pick<Clock, 'timer'>, most = MOST_AT_ONCE): Checkers {
  const waitedFor = createLane(clock, false, most)
  const background = createLane(clock, true, 1)
  return {
    check: (asked, options = {}) => look(options.background ? background : waitedFor, asked, options.signal),
  }
}

/** One processor is left to what the worker does meanwhile. */
const MOST_AT_ONCE = Math.max(1, Math.min(8, availableParallelism() - 1))

type Lane = {
  readonly clock: Pick<Clock, 'timer'>
  readonly background: boolean
  places: number
  /** Each is told to begin. */
  readonly waiting: Set<() => void>
  /** Started, and without work: each is taken out before it is stopped. */
  readonly idle: Checker[]
}

function createLane(clock: Pick<Clock, 'timer'>, background: boolean, most: number): Lane {
  return { clock, background, places: most, waiting: new Set(), idle: [] }
}

async function look(lane: Lane, asked: Asked, signal: AbortSignal | undefined): Promise<Verdict> {
  await takePlace(lane, signal)
  const checker = takeIdle(lane) ?? startChecker(lane.clock, lane.background)
  try {
    return await checker.look(asked, signal)
  } finally {
    if (checker.isUsable()) keepIdle(lane, checker)
    else checker.stop()
    givePlace(lane)
  }
}

async function takePlace(lane: Lane, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted()
  if (lane.places > 0) {
    lane.places -= 1
    return
  }
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const leave = () => {
    lane.waiting.delete(resolve)
    reject(signal?.reason)
  }
  lane.waiting.add(resolve)
  signal?.addEventListener('abort', leave)
  await promise.finally(() => signal?.removeEventListener('abort', leave))
}

/** The next one has it, or else it is free. */
function givePlace(lane: Lane): void {
  const [next] = lane.waiting
  if (!next) {
    lane.places += 1
    return
  }
  lane.waiting.delete(next)
  next()
}

function takeIdle(lane: Lane): Checker | undefined {
  for (;;) {
    const checker = lane.idle.pop()
    if (!checker || checker.isUsable()) return checker
  }
}

function keepIdle(lane: Lane, checker: Checker): void {
  lane.idle.push(checker)
  lane.clock.timer(IDLE_MS, () => {
    const place = lane.idle.indexOf(checker)
    if (place < 0) return
    lane.idle.splice(place, 1)
    checker.stop()
  })
}

/** A worker at rest has none. */
const IDLE_MS = 500
