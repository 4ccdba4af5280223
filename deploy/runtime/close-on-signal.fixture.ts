import { systemClock } from './clock.ts'
import { closeOnSignal } from './close-on-signal.ts'
import { createLogger } from './logger.ts'

/** A service that only logs, much, until it is told to stop; says on its IPC channel that it runs. */
const log = createLogger('chatty')
const stop = new AbortController()
closeOnSignal(log, async () => {
  stop.abort()
  for (let line = 0; line < 100; line += 1) log.info({ line }, 'closing what is open')
})
process.send?.('running')
while (await systemClock.sleep(1, stop.signal)) log.info('still here')
