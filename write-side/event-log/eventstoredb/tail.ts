import { AccessDeniedError, END, streamNameFilter } from '@eventstore/db-client'
import { type BackOff, backOff } from '@micropay/runtime/back-off'
import type { Clock } from '@micropay/runtime/clock'
import type { Logger } from '@micropay/runtime/logger'
import { reasonOf } from '../outage.ts'
import type { Connection } from './client.ts'
import type { StreamNames } from './streams.ts'

/**
 * Tells the readers of a process when their partitions may have changed, however many they are: one subscription to all
 * streams of the ledger. Whoever waits looks for himself now and then all the same, so that nothing hangs on it: on a
 * server that does not let its user read `$all` that is all that happens.
 */
export function openTail({ connection, names, clock, log }: TailOptions): Tail {
  const waiting = new Set<Waiting>()
  const heard = new Map<number, number>()
  const closing = new AbortController()
  let isRunning = false

  const heardOf = (partition: number) => heard.get(partition) ?? 0
  function hear(partition: number, end: bigint): void {
    heard.set(partition, heardOf(partition) + 1)
    for (const each of waiting) if (each.partition === partition && each.next !== end) each.wake()
  }
  async function follow(): Promise<void> {
    const filter = streamNameFilter({ prefixes: [names.partitions], checkpointInterval: 1_000 })
    const events = await connection.use(SUBSCRIBE_MS, async (client) =>
      client.subscribeToAll({ fromPosition: END, filter, requiresLeader: true }),
    )
    // What came before it was heard is looked for.
    events.on('confirmation', () => {
      for (const each of waiting) each.wake()
    })
    const stop = () => void events.unsubscribe()
    closing.signal.addEventListener('abort', stop)
    try {
      for await (const { event } of events) {
        const partition = event && names.partitionIn(event.streamId)
        if (event && partition !== undefined) hear(partition, event.revision + 1n)
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
  return {
    heard: heardOf,
    async wait(partition, { next, heard: before }, signal) {
      if (!isRunning) void run()
      if (signal.aborted || heardOf(partition) !== before) return
      const { promise, resolve } = Promise.withResolvers<void>()
      const wake = () => resolve()
      const each = { partition, next, wake }
      const timer = clock.timer(LOOK_AGAIN_MS + EACH_MS * waiting.size, wake)
      signal.addEventListener('abort', wake)
      waiting.add(each)
      await promise
      waiting.delete(each)
      signal.removeEventListener('abort', wake)
      timer.cancel()
    },
    close: () => closing.abort(),
  }
}

export type Tail = {
  /** How often an append to the partition was heard of: to be asked before one looks. */
  heard(partition: number): number
  /**
   * Resolves when the partition may no longer end at `next`, when the signal aborts, and after a second or so. At once
   * where something was heard since `heard`.
   */
  wait(partition: number, seen: { readonly next: bigint; readonly heard: number }, signal: AbortSignal): Promise<void>
  close(): void
}

export type TailOptions = {
  readonly connection: Connection
  readonly names: StreamNames
  readonly clock: Clock
  readonly log: Logger
}

type Waiting = { readonly partition: number; readonly next: bigint; readonly wake: () => void }

const SUBSCRIBE_MS = 5_000
const LOOK_AGAIN_MS = 1_000
/** A thousand who wait look less often. */
const EACH_MS = 10
const AFTER_DENIAL_MS = 60_000
const betweenAttempts: BackOff = { firstMs: 100, mostMs: 3_000 }
