import type { Clock } from '@micropay/runtime/clock'
import { scopedKeyOf } from '../state/partition-state.ts'
import type { CommandRequest, CommandResult } from './command.ts'
import type { OwnerLimits } from './owner-limits.ts'
import { full, inFlight, reused, tooBusy, unknownOutcome } from './refusals.ts'

/**
 * A command and its caller. `drafted` once its record may be in the log: from then on only the fold says what became
 * of it.
 */
export type Waiting = {
  readonly request: CommandRequest
  readonly since: number
  drafted: boolean
  /** Answers its caller, whose command's outcome is known, and frees its key. */
  readonly settle: (result: CommandResult) => void
  /** Answers its caller while the outcome is not known: its key stays taken. */
  readonly tell: (result: CommandResult) => void
}

/** Commands in the order in which they came, bounded, each idempotency key at most once at a time. */
export type CommandQueue = {
  /**
   * Takes a command, or answers `refusal`, if there is one. Of a key whose first request is not settled neither is
   * true: what is said then is that it is under way, or unknown where nobody decides here. `since`, now unless given,
   * is when its caller began to wait, on the monotonic clock.
   */
  add(request: CommandRequest, refusal?: CommandResult, since?: number): Promise<CommandResult>
  /** Up to `most` commands as soon as there is one; none after `withinMs`, or when the signal aborts. */
  take(most: number, withinMs: number, signal: AbortSignal): Promise<Waiting[]>
  /** Commands that turned out void go to the front again, unless their caller was answered. */
  putBack(waiting: readonly Waiting[]): void
  size(): number
  /** Answers all that are not being decided. */
  refuseAll(result: CommandResult): void
  /** The same, and for everything that still comes. */
  close(result: CommandResult): void
}

/**
 * Each append costs the log about as much as deciding several payments, so a batch may wait this long for those that
 * are arriving.
 */
const GATHER_MS = 2

type Limits = Pick<OwnerLimits, 'queuedCommands' | 'answerWithinMs'>

export function createCommandQueue(limits: Limits, clock: Clock): CommandQueue {
  let queue: Waiting[] = []
  const bell = createBell(clock)
  let closed: CommandResult | undefined
  const open = new Map<string, Waiting>()
  const answered = new WeakSet<Waiting>()

  /** Answers callers who waited too long; a drafted command's key stays taken until the fold has settled it. */
  const sweeper = clock.every(Math.max(10, Math.min(500, limits.answerWithinMs / 4)), () => {
    const before = clock.monotonicMs() - limits.answerWithinMs
    for (const waiting of open.values()) {
      // They stand in the order in which they came here, which is not that in which they began to wait.
      if (waiting.since > before) continue
      answered.add(waiting)
      if (waiting.drafted) waiting.tell(unknownOutcome)
      else waiting.settle(tooBusy)
    }
    queue = queue.filter((waiting) => !answered.has(waiting))
  })

  function refuseAll(result: CommandResult): void {
    for (const waiting of queue) waiting.settle(result)
    queue = []
  }

  return {
    add(request, refusal = closed, since = clock.monotonicMs()) {
      const key = request.dryRun ? `dry run ${clock.randomId()}` : scopedKeyOf(request)
      const other = open.get(key)
      if (other && other.request.requestHash !== request.requestHash) return Promise.resolve(reused)
      if (other) return Promise.resolve(refusal && other.drafted ? unknownOutcome : inFlight)
      if (refusal) return Promise.resolve(refusal)
      if (queue.length >= limits.queuedCommands) return Promise.resolve(full)
      return new Promise((tell) => {
        const settle = (result: CommandResult) => {
          open.delete(key)
          tell(result)
        }
        const waiting: Waiting = { request, since, drafted: false, settle, tell }
        open.set(key, waiting)
        queue.push(waiting)
        bell.ring()
      })
    },
    async take(most, withinMs, signal) {
      if (queue.length === 0) await bell.heard(withinMs, signal)
      await gather(() => queue.length, most, clock)
      const taken = queue.slice(0, most)
      queue = queue.slice(most)
      return taken
    },
    putBack(waiting) {
      const kept = waiting.filter((each) => !answered.has(each))
      for (const each of waiting) {
        each.drafted = false
        if (answered.has(each)) each.settle(unknownOutcome)
      }
      queue = [...kept, ...queue]
    },
    size: () => queue.length,
    refuseAll,
    close(result) {
      closed = result
      sweeper.cancel()
      refuseAll(result)
    },
  }
}

/**
 * Lets the commands that are arriving right now join the batch: a turn of the event loop without a new one ends it.
 */
async function gather(waiting: () => number, most: number, clock: Clock): Promise<void> {
  const until = clock.monotonicMs() + GATHER_MS
  for (let before = 0; waiting() > before && waiting() < most && clock.monotonicMs() < until; ) {
    before = waiting()
    await clock.turn()
  }
}

/** Lets one wait until somebody rings, for so long at most, and not once the signal aborts. */
function createBell(clock: Clock) {
  let wake: (() => void) | undefined
  return {
    ring: () => wake?.(),
    async heard(withinMs: number, signal: AbortSignal): Promise<void> {
      if (signal.aborted) return
      await new Promise<void>((resolve) => {
        const timer = clock.timer(withinMs, resolve)
        wake = () => {
          timer.cancel()
          resolve()
        }
        signal.addEventListener('abort', wake, { once: true })
      })
      if (wake) signal.removeEventListener('abort', wake)
      wake = undefined
    },
  }
}
