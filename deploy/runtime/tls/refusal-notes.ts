import type { Clock } from '../clock.ts'
import type { Logger } from '../logger.ts'

/** One line a second at most, with how many there were since the last one. */
export function refusalNotes(log: Pick<Logger, 'warn'>, clock: Clock) {
  let refused = 0
  let silentUntilMs = 0
  return (error: Error, address: string | undefined) => {
    refused += 1
    if (clock.monotonicMs() < silentUntilMs) return
    log.warn({ reason: error.message, address, refused }, 'a caller was refused at the handshake')
    refused = 0
    silentUntilMs = clock.monotonicMs() + 1_000
  }
}
