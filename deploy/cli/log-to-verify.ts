import type { EventLog } from '@micropay/event-log/event-log'
import { logEnvironment, openEventLog } from '@micropay/event-log/open-event-log'
import type { Running } from '@micropay/local/running'
import { ConfigError, readConfig } from '@micropay/runtime/config'
import { createLogger } from '@micropay/runtime/logger'
import { InputError } from '@micropay/sdk/input-error'
import { z } from 'zod'

/**
 * The log that the environment names (LOG and what goes with it), or else that of the running start. Throws InputError
 * when there is none.
 */
export function logToVerify(environment: NodeJS.ProcessEnv, running: Running | undefined): EventLog {
  const given = environment.LOG !== undefined || running === undefined ? environment : running.logEnvironment
  try {
    return openEventLog(readConfig(z.object(logEnvironment), given), createLogger('micropay', 'silent'))
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const detail = 'set LOG and LOG_DATABASE_URL, KAFKA_BROKERS or EVENTSTORE_URL, or run "npx pnpm@12 start"'
    throw new InputError(`no log to verify: ${error.message}\n${detail}`, { cause: error })
  }
}
