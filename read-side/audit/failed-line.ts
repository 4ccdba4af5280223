import type { Logger } from '@micropay/deploy/runtime/logger'
import { LogError } from '@micropay/write-side/append/event-log'

/** The last line of an answer that has begun and cannot be finished. What is not the log's fault is ours, and is told to the operator alone. */
export function failedLine(error: unknown, logger: Logger, what: string): FailedLine {
  logger.error({ err: error }, `${what} could not be finished`)
  const known = error instanceof LogError ? error.message : 'this is our fault and was logged'
  return { failed: { detail: `${known}: try again` } }
}

export type FailedLine = { readonly failed: { readonly detail: string } }
