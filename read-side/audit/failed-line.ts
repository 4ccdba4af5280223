import { LogError } from '@micropay/event-log/event-log'
import type { Logger } from '@micropay/runtime/logger'
import { ProblemError } from '@micropay/runtime/problem-error'
import type { FailedLine } from '@micropay/schemas/api/replay'

/** What ends an answer that cannot be finished, and why. What is not the log's fault is told to the operator alone. */
export function failedLine(error: unknown, logger: Logger, what: string): FailedLine {
  logger.error({ err: error }, `${what} could not be finished`)
  if (!(error instanceof LogError)) return { failed: { detail: 'this is our fault and was logged: try again' } }
  // Only an outage passes by itself.
  return { failed: { detail: error.code === 'log_unavailable' ? `${error.message}: try again` : error.message } }
}

/**
 * What ends an answer that was broken off by the signal: the service closes, or nobody reads. No fault, and no error.
 */
export function brokenOffLine({ reason }: AbortSignal): FailedLine {
  return { failed: { detail: reason instanceof ProblemError ? reason.message : 'the reader went away' } }
}
