import type { Clock } from '@micropay/runtime/clock'
import type { Connection } from '@micropay/runtime/pool'
import type { ToldTraces } from '@micropay/runtime/telemetry/told-traces'
import { isTracing } from '@micropay/runtime/telemetry/tracing'
import { createTailWaiters, type Tail } from '../tail-waiters.ts'

const POLL_MS = 250
const LOOK_AGAIN_MS = 1_000
/** Readers that got something wait again at once. */
const LINGER_POLLS = 20

/**
 * One connection listens, and asks four times a second how far all partitions are, since a notification can be lost. It
 * lives for as long as somebody waits, and a moment longer.
 */
export function openTail(connect: () => Connection, clock: Clock, traces: ToldTraces): Tail {
  const closing = new AbortController()
  let isRunning = false
  const waiters = createTailWaiters({
    clock,
    lookAgainMs: () => LOOK_AGAIN_MS,
    onWait: () => {
      if (!isRunning) void run()
    },
  })

  async function run(): Promise<void> {
    isRunning = true
    const connection = connect()
    const { client, lost } = connection
    const over = AbortSignal.any([lost, closing.signal])
    client.on('notification', ({ channel, payload }) => {
      if (channel === 'event_log_traces') traces.hear(payload ?? '')
      else waiters.hear(Number(payload))
    })
    try {
      await client.connect()
      await client.query(isTracing() ? 'listen event_log; listen event_log_traces' : 'listen event_log')
      for (let unused = 0; unused < LINGER_POLLS && !over.aborted; unused = waiters.count() > 0 ? 0 : unused + 1) {
        const ends = await endsOf(connection)
        waiters.wakeAll(({ partition, next }) => ends.get(partition) !== next)
        await clock.sleep(POLL_MS, over)
      }
    } catch {
      // Whoever waits looks for itself meanwhile, and says what is wrong.
      await clock.sleep(POLL_MS, closing.signal)
    } finally {
      client.end().catch(() => undefined)
      isRunning = false
    }
    if (waiters.count() > 0 && !closing.signal.aborted) void run()
  }
  return { heard: waiters.heard, wait: waiters.wait, close: () => closing.abort() }
}

async function endsOf({ client }: Connection): Promise<ReadonlyMap<number, bigint>> {
  const { rows } = await client.query<{ partition: number; end: string }>({
    name: 'ends',
    text: 'select partition, next_offset::text as end from event_log.partitions',
  })
  return new Map(rows.map(({ partition, end }) => [partition, BigInt(end)]))
}
