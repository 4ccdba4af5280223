import { type BackOff, backOff } from '@micropay/runtime/back-off'
import type { Clock } from '@micropay/runtime/clock'
import type { Logger } from '@micropay/runtime/logger'
import { LogError } from './event-log.ts'

/**
 * A reader's patience with a log that is out of reach: it waits between attempts, longer each time, and throws LogError
 * `log_unavailable` once the outage has lasted for `unavailableAfterMs`.
 */
export function createOutage({ technology, unavailableAfterMs, clock, log }: OutageOptions): Outage {
  let sinceMs: number | undefined
  let attempts = 0
  return {
    ended() {
      if (sinceMs !== undefined) log.info({ technology, attempts }, 'the event log is within reach again')
      sinceMs = undefined
      attempts = 0
    },
    async waitAfter(cause, signal) {
      sinceMs ??= clock.monotonicMs()
      const lastedMs = clock.monotonicMs() - sinceMs
      if (lastedMs >= unavailableAfterMs) {
        throw new LogError(
          'log_unavailable',
          `${technology} is out of reach for ${Math.round(lastedMs / 1000)} s: ${reasonOf(cause)}`,
          { cause },
        )
      }
      log.warn({ technology, attempts, lastedMs: Math.round(lastedMs), err: cause }, 'the event log is out of reach')
      attempts += 1
      const waitMs = Math.min(backOff(attempts, betweenAttempts), unavailableAfterMs - lastedMs)
      await clock.sleep(waitMs, signal)
    },
  }
}

export type Outage = {
  /** The log answered: the next failure begins a new outage. */
  ended(): void
  waitAfter(cause: unknown, signal: AbortSignal): Promise<void>
}

export type OutageOptions = {
  readonly technology: string
  readonly unavailableAfterMs: number
  readonly clock: Clock
  readonly log: Logger
}

const betweenAttempts: BackOff = { firstMs: 100, mostMs: 3_000 }

/** What the port says of an append that failed; that the log has lost records stays what it is. */
export function appendUnknown(technology: string, partition: number, cause: unknown): LogError {
  if (cause instanceof LogError && cause.code === 'log_truncated') return cause
  return new LogError(
    'append_unknown',
    `it is unknown whether ${technology} appended to partition ${partition}: ${reasonOf(cause)}`,
    { cause },
  )
}

/** What the port says of a failure to reach the log; what it has said already stays as it is. */
export function unavailable(technology: string, cause: unknown): LogError {
  if (cause instanceof LogError) return cause
  return new LogError('log_unavailable', `${technology} is out of reach: ${reasonOf(cause)}`, { cause })
}

export function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message || cause.name : String(cause)
}
