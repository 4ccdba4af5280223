import type { Clock } from '@micropay/runtime/clock'

/** Tells the readers of a process when their partitions may have changed, however many they are. */
export type Tail = {
  /** How often an append to the partition was heard of: to be asked before one looks. */
  heard(partition: number): number
  /**
   * Resolves when the partition may no longer end at `next`, when the signal aborts, and after a second or so: whoever
   * waits looks then whether the log still holds what it had. At once where something was heard since `heard`.
   */
  wait(partition: number, seen: { readonly next: bigint; readonly heard: number }, signal: AbortSignal): Promise<void>
  close(): void
}

/** Who waits for news of partitions, and what was heard of them. `onWait` is told whenever somebody comes to wait. */
export function createTailWaiters({ clock, lookAgainMs, onWait }: TailWaitersOptions): TailWaiters {
  const waiting = new Set<Waiting>()
  const heard = new Map<number, number>()
  const heardOf = (partition: number) => heard.get(partition) ?? 0
  const wakeAll = (hasChanged: (each: Waiting) => boolean) => {
    for (const each of waiting) if (hasChanged(each)) each.wake()
  }
  return {
    heard: heardOf,
    hear(partition, isNews = () => true) {
      heard.set(partition, heardOf(partition) + 1)
      wakeAll((each) => each.partition === partition && isNews(each))
    },
    wakeAll,
    count: () => waiting.size,
    async wait(partition, { next, heard: before }, signal) {
      if (signal.aborted || heardOf(partition) !== before) return
      const { promise, resolve } = Promise.withResolvers<void>()
      const wake = () => resolve()
      const each = { partition, next, wake }
      const timer = clock.timer(lookAgainMs(waiting.size), wake)
      signal.addEventListener('abort', wake)
      waiting.add(each)
      onWait()
      await promise
      waiting.delete(each)
      signal.removeEventListener('abort', wake)
      timer.cancel()
    },
  }
}

export type TailWaiters = Pick<Tail, 'heard' | 'wait'> & {
  /** An append to the partition: wakes those who wait for it, of whom `isNews` says so. */
  hear(partition: number, isNews?: (each: Waiting) => boolean): void
  wakeAll(hasChanged: (each: Waiting) => boolean): void
  /** How many wait. */
  count(): number
}

export type TailWaitersOptions = {
  readonly clock: Clock
  /** After how long one who comes behind so many looks for himself. */
  readonly lookAgainMs: (waiting: number) => number
  readonly onWait: () => void
}

export type Waiting = { readonly partition: number; readonly next: bigint; readonly wake: () => void }
