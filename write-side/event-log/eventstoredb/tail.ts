import { AccessDeniedError, END, streamNameFilter } from '@eventstore/db-client'
import { type BackOff, backOff } from '@micropay/runtime/back-off'
import type { Clock } from '@micropay/runtime/clock'
import type { Logger } from '@micropay/runtime/logger'
import { reasonOf } from '../outage.ts'
import { createTailWaiters, type Tail } from '../tail-waiters.ts'
import type { Connection } from './client.ts'
import type { StreamNames } from './streams.ts'

/**
 * Tells the readers of a process when their partitions may have changed, however many they are: one subscription to all
 * streams of the ledger. Whoever waits looks for himself now and then all the same, so that nothing hangs on it: on a
 * server that does not let its user read `$all` that is all that happens.
 */
export function openTail({ connection, names, clock, log }: TailOptions): Tail {
  const closing = new AbortController()
  let isRunning = false

  const waiters = createTailWaiters({
    clock,
    lookAgainMs: (waiting) => LOOK_AGAIN_MS + EACH_MS * waiting,
    onWait: () => {
      if (!isRunning) void run()
    },
  })
  async function follow(): Promise<void> {
    const filter = streamNameFilter({ prefixes: [names.partitions], checkpointInterval: 1_000 })
    const events = await connection.use(SUBSCRIBE_MS, async (client) =>
      client.subscribeToAll({ fromPosition: END, filter, requiresLeader: true }),
    )
    // What came before it was heard is looked for.
    events.on('confirmation', () => waiters.wakeAll(() => true))
    const stop = () => void events.unsubscribe()
    closing.signal.addEventListener('abort', stop)
    try {
      for await (const { event } of events) {
        const partition = event && names.partitionIn(event.streamId)
        if (event && partition !== undefined) waiters.hear(partition, ({ next }) => next !== event.revision + 1n)
      }
    } finally {
      closing.signal.removeEventListener('abort', stop)
    }
  }
  async function run(): Promise<void> {
    isRunning = true
    for (let failures = 0; !closing.signal.aborted; ) {
      try {
        await follow()
        failures = 1
      } catch (cause) {
        if (closing.signal.aborted) return
        failures += 1
        if (cause instanceof AccessDeniedError) {
          log.warn({ err: cause }, 'the user of EVENTSTORE_URL may not read $all: readers look once a second')
          await clock.sleep(AFTER_DENIAL_MS, closing.signal)
        } else log.debug({ reason: reasonOf(cause) }, 'the subscription to the event log has ended')
      }
      await clock.sleep(backOff(failures, betweenAttempts), closing.signal)
    }
  }
  return { heard: waiters.heard, wait: waiters.wait, close: () => closing.abort() }
}

export type TailOptions = {
  readonly connection: Connection
  readonly names: StreamNames
  readonly clock: Clock
  readonly log: Logger
}

const SUBSCRIBE_MS = 5_000
const LOOK_AGAIN_MS = 1_000
/** A thousand who wait look less often. */
const EACH_MS = 10
const AFTER_DENIAL_MS = 60_000
const betweenAttempts: BackOff = { firstMs: 100, mostMs: 3_000 }
