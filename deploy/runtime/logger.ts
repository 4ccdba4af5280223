import { type DestinationStream, type LogFn, type Logger, pino } from 'pino'
import { noteIfError } from './last-error.ts'
import { toEcs } from './log-format/ecs.ts'
import type { LogFormat } from './log-format/formats.ts'

export type { Logger } from 'pino'

// pino's own stream flushes at exit for as long as it takes, which is for ever once the reader of a pipe is gone.
// Node's writes files and pipes at once, and a line that nobody can read is lost.
process.stdout.on('error', () => undefined)

/**
 * JSON lines on standard output; `LOG_LEVEL` as pino has it, `LOG_FORMAT` pino's own names or those of ECS. What could
 * hold a secret is never printed.
 */
export function createLogger(
  service: string,
  level = 'info',
  to: DestinationStream = process.stdout,
  format: LogFormat = 'pino',
): Logger {
  const options = {
    level,
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    hooks: {
      logMethod: noted,
      ...(format === 'ecs' ? { streamWrite: (line: string) => toEcs(line, service) } : {}),
    },
    redact: [
      'req.headers.authorization',
      'req.headers.cookie',
      'req.headers.dpop',
      'headers.authorization',
      'headers.cookie',
      'headers.dpop',
      '*.password',
    ],
  }
  return pino(options, to)
}

/** Writes the line as it is; what is an error is remembered besides (GET /v1/last-error). */
function noted(this: Logger, called: Parameters<LogFn>, write: LogFn, level: number): void {
  noteIfError(level, called)
  write.apply(this, called)
}
