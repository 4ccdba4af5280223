import { z } from 'zod'
import { systemClock } from '../clock.ts'
import { createLogger } from '../logger.ts'
import { openSettings } from './open-settings.ts'
import { logLevel } from './own-settings.ts'

/** A process that does nothing but to follow its settings. */
const schema = z.object({
  RATE_LIMIT_PER_SECOND: z.coerce.number({ error: 'must be a number of requests' }).default(2000),
  SESSION_SECRET: z.string(),
  LOG_LEVEL: logLevel,
})
const settings = await openSettings('gateway', schema)
const log = createLogger('gateway', settings.values.LOG_LEVEL)
settings.follow(log)
log.info('ready')
for (;;) {
  await systemClock.sleep(20)
  if (log.isLevelEnabled('debug')) break
}
log.debug('what is told at the level debug alone')
await systemClock.sleep(60_000)
