import type { Clock } from '@micropay/runtime/clock'
import type { Connection } from '@micropay/runtime/pool'

/**
 * Tells the readers of a process when their partitions may have changed, however many they are: one connection listens,
 * and asks four times a second how far all partitions are, since a notification can be lost. It lives for as long as
 * somebody waits, and a moment longer.
 */
export type Tail = {
  /** How often an append to the partition was heard of: to be asked before one looks. */
  heard(partition: number): number
  /**
   * Resolves when the partition no longer ends at `next`, when the signal aborts, and after a second at most: whoever
   * waits looks then whether the log still holds what it had. At once where something was heard since `heard`.
   */
  wait(partition: number, seen: { readonly next: bigint; readonly heard: number }, signal: AbortSignal): Promise<void>
  close(): void
}

const POLL_MS = 250
const LOOK_AGAIN_MS = 1_000
/** Readers that got something wait again at once. */
const LINGER_POLLS = 20

type Waiting = { readonly partition: number; readonly next: bigint; readonly wake: () => void }

export function openTail(connect: () => Connection, clock: Clock): Tail {
  const waiting = new Set<Waiting>()
  const heard = new Map<number, number>()
  const closing = new AbortController()
  let isRunning = false

  const heardOf = (partition: number) => heard.get(partition) ?? 0
  function wakeAll(hasChanged: (each: Waiting) => boolean): void {
    for (const each of waiting) if (hasChanged(each)) each.wake()
  }
  async function run(): Promise<void> {
    isRunning = true
    const connection = connect()
    const { client, lost } = connection
    const over = AbortSignal.any([lost, closing.signal])
    client.on('notification', ({ payload }) => {
      const about = Number(payload)
      heard.set(about, heardOf(about) + 1)
      wakeAll(({ partition }) => partition === about)
    })
    try {
      await client.connect()
      await client.query('listen event_log')
      for (let unused = 0; unused < LINGER_POLLS && !over.aborted; unused = waiting.size > 0 ? 0 : unused + 1) {
        const ends = await endsOf(connection)
        wakeAll(({ partition, next }) => ends.get(partition) !== next)
        await clock.sleep(POLL_MS, over)
      }
    } catch {
      // Whoever waits looks for itself meanwhile, and says what is wrong.
      await clock.sleep(POLL_MS, closing.signal)
    } finally {
      client.end().catch(() => undefined)
      isRunning = false
    }
    if (waiting.size > 0 && !closing.signal.aborted) void run()
  }
  return {
    heard: heardOf,
    async wait(partition, { next, heard: before }, signal) {
      if (signal.aborted || heardOf(partition) !== before) return
      const { promise, resolve } = Promise.withResolvers<void>()
      const wake = () => resolve()
      const each = { partition, next, wake }
      const timer = clock.timer(LOOK_AGAIN_MS, wake)
      signal.addEventListener('abort', wake)
      waiting.add(each)
      if (!isRunning) void run()
      await promise
      waiting.delete(each)
      signal.removeEventListener('abort', wake)
      timer.cancel()
    },
    close: () => closing.abort(),
  }
}

async function endsOf({ client }: Connection): Promise<ReadonlyMap<number, bigint>> {
  const { rows } = await client.query<{ partition: number; end: string }>({
    name: 'ends',
    text: 'select partition, next_offset::text as end from event_log.partitions',
  })
  return new Map(rows.map(({ partition, end }) => [partition, BigInt(end)]))
}
