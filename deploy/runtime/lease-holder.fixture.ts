import { systemClock } from './clock.ts'
import { createLogger } from './logger.ts'
import { openLeases } from './open-leases.ts'

/** Holds a lease as a process of its own: `node lease-holder.fixture.ts <database url> <name> <times as JSON>`. */
const [, , url = '', name = '', times = '{}'] = process.argv
const log = createLogger('lease-holder', 'silent')
const lease = openLeases({ url, clock: systemClock, log, times: JSON.parse(times) }).open(name, 'holder')
await lease.acquire(new AbortController().signal)
process.send?.('held')
lease.lost().addEventListener('abort', () => process.send?.('lost'))
