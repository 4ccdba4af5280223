import { systemClock } from './clock.ts'
import type { Logger } from './logger.ts'

/**
 * So long a service may take to close: an owner drains for 10 s, and then closes what it has open. Who stops one must
 * wait longer.
 */
export const CLOSE_WITHIN_MS = 15_000

/**
 * Closes once, in order, on SIGTERM, SIGINT, or the end of the parent that started us, and then ends the process: with
 * 0 when all closed cleanly and in time, else with 1.
 */
export function closeOnSignal(log: Logger, close: () => Promise<void>, timeoutMs = CLOSE_WITHIN_MS): void {
  let closing = false
  const stop = (reason: string) => {
    if (closing) return
    closing = true
    log.info({ reason }, 'closing')
    const timer = systemClock.timer(timeoutMs, () => {
      log.error({ timeoutMs }, 'did not close in time')
      process.exit(1)
    })
    close().then(
      () => {
        timer.cancel()
        log.info('closed')
        process.exit(0)
      },
      (error: unknown) => {
        log.error({ err: error }, 'closing failed')
        process.exit(1)
      },
    )
  }
  process.on('SIGTERM', () => stop('SIGTERM'))
  process.on('SIGINT', () => stop('SIGINT'))
  process.on('disconnect', () => stop('the parent process ended'))
}
