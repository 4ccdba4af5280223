import { type Logger, pino } from 'pino'

export type { Logger } from 'pino'

/** JSON lines on standard output; `LOG_LEVEL` as pino has it. What could hold a secret is never printed. */
export function createLogger(service: string, level = 'info'): Logger {
  return pino({
    level,
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: [
      'req.headers.authorization',
      'req.headers.cookie',
      'headers.authorization',
      'headers.cookie',
      '*.password',
    ],
  })
}
