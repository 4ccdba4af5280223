import type { EventLog } from '@micropay/write-side/append/event-log'
import { logEnvironment, openEventLog } from '@micropay/write-side/append/open-event-log'
import { z } from 'zod'
import type { Running } from '../local/running.ts'
import { ConfigError, readConfig } from '../runtime/config.ts'
import { createLogger } from '../runtime/logger.ts'
import { InputError } from './input-error.ts'

/** The log that the environment names (LOG and what goes with it), or else that of the running start. Throws InputError when there is none. */
export function logToVerify(environment: NodeJS.ProcessEnv, running: Running | undefined): EventLog {
  const given = environment.LOG !== undefined || running === undefined ? environment : running.logEnvironment
  try {
    return openEventLog(readConfig(z.object(logEnvironment), given), createLogger('micropay', 'silent'))
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const detail = 'set LOG and LOG_DATABASE_URL or KAFKA_BROKERS, or run "npx pnpm@12 start"'
    throw new InputError(`no log to verify: ${error.message}\n${detail}`, { cause: error })
  }
}
