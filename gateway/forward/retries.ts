import { ExponentialBackoff } from 'cockatiel'

/** Of ten requests one may be tried again, and ten at once after a rest: a service in trouble gets no storm on top. */
const SHARE = 0.1
const MOST = 10
/** Decorrelated jitter, as AWS describes it. */
const backoff = new ExponentialBackoff({ initialDelay: 20, maxDelay: 200 })

export type Retries = ReturnType<typeof createRetries>

/** What second attempts a service can be asked for. */
export function createRetries() {
  let saved = MOST
  return {
    asked(): void {
      saved = Math.min(MOST, saved + SHARE)
    },
    /** How long to wait before a second attempt, in ms, by chance; undefined where there were too many. */
    again(): number | undefined {
      if (saved < 1) return undefined
      saved -= 1
      return Math.min(200, backoff.next().duration)
    },
  }
}
