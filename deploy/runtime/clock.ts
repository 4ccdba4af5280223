import { randomFillSync } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'

/** The one source of time and chance, so that everything else can be run again with the same answers. */
export type Clock = {
  /** Milliseconds since 1970, UTC. */
  nowMs(): number
  /** Milliseconds of a clock that never goes back; only differences mean something. */
  monotonicMs(): number
  /** Resolves after that long, or at once with `false` when the signal aborts. */
  sleep(durationMs: number, signal?: AbortSignal): Promise<boolean>
  /** 128 random bits in base64url. */
  randomId(): string
}

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep: (durationMs, signal) =>
    delay(durationMs, true, signal ? { signal } : {}).catch((error: unknown) => {
      if (signal?.aborted) return false
      throw error
    }),
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
