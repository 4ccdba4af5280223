import { randomFillSync } from 'node:crypto'
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises'

/** The one source of time and chance, so that everything else can be run again with the same answers. */
export type Clock = {
  /** Milliseconds since 1970, UTC. */
  nowMs(): number
  /** Milliseconds of a clock that never goes back; only differences mean something. */
  monotonicMs(): number
  /** Resolves after that long, or at once with `false` when the signal aborts. */
  sleep(durationMs: number, signal?: AbortSignal): Promise<boolean>
  /** Calls `work` once after that long, unless it is cancelled before. */
  timer(durationMs: number, work: () => void): Timer
  /** Calls `work` again and again, that long apart, until it is cancelled. It keeps no process alive. */
  every(durationMs: number, work: () => void): Timer
  /** A signal that aborts after that long, with a TimeoutError. It keeps no process alive. */
  deadline(durationMs: number): AbortSignal
  /** Resolves when what arrived meanwhile from elsewhere was looked at: a turn of the event loop. */
  turn(): Promise<void>
  /** 128 random bits in base64url. */
  randomId(): string
}

export type Timer = { cancel(): void }

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep: (durationMs, signal) =>
    delay(durationMs, true, signal ? { signal } : {}).catch((error: unknown) => {
      if (signal?.aborted) return false
      throw error
    }),
  timer: (durationMs, work) => {
    const timeout = setTimeout(work, durationMs)
    return { cancel: () => clearTimeout(timeout) }
  },
  every: (durationMs, work) => {
    const interval = setInterval(work, durationMs)
    interval.unref()
    return { cancel: () => clearInterval(interval) }
  },
  deadline: (durationMs) => AbortSignal.timeout(durationMs),
  turn: () => nextTurn(),
  randomId: () => {
    if (taken === random.byteLength) {
      randomFillSync(random)
      taken = 0
    }
    taken += ID_BYTES
    return random.toString('base64url', taken - ID_BYTES, taken)
  },
}

const ID_BYTES = 16
/**
 * A call for random bytes costs as much as parsing a request, however few they are: so it asks for those of many ids.
 * No byte is used twice.
 */
const random = Buffer.alloc(256 * ID_BYTES)
let taken = random.byteLength
