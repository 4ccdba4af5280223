import type { Clock } from '../clock.ts'
import type { Logger } from '../logger.ts'

/** One line a second at most, with how many there were since the last one. */
export function refusalNotes(log: Pick<Logger, 'warn'>, clock: Clock) {
  let refused = 0
  let silentUntilMs = 0
  return (error: Error, address: string | undefined) => {
    refused += 1
    if (clock.monotonicMs() < silentUntilMs) return
    log.warn({ reason: reasonOf(error), address, refused }, 'a caller was refused at the handshake')
    refused = 0
    silentUntilMs = clock.monotonicMs() + 1_000
  }
}

/** OpenSSL's own words, such as `http request`, without the file and line of its source that are in the message. */
function reasonOf(error: Error): string {
  return 'reason' in error && typeof error.reason === 'string' ? error.reason : error.message
}
