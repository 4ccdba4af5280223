import type { Clock } from '@micropay/deploy/runtime/clock'

/**
 * Hands batches from a consumer that pushes to an iterator that pulls. It holds at most `limit` batches as long as whoever pushes waits for
 * room before each one; it ends at once when the signal aborts, and after the last batch when it failed.
 */
export function createBatchQueue<Batch>(limit: number, clock: Clock, signal: AbortSignal): BatchQueue<Batch> {
  const batches: Batch[] = []
  let failure: { readonly cause: unknown } | undefined
  let changed = Promise.withResolvers<void>()
  const tellChange = () => {
    changed.resolve()
    changed = Promise.withResolvers<void>()
  }
  const hasRoom = () => batches.length < limit || signal.aborted

  async function* drain(): AsyncGenerator<Batch> {
    signal.addEventListener('abort', tellChange)
    try {
      while (!signal.aborted) {
        const batch = batches.shift()
        if (batch !== undefined) {
          tellChange()
          yield batch
        } else if (failure) {
          throw failure.cause
        } else {
          await changed.promise
        }
      }
    } finally {
      signal.removeEventListener('abort', tellChange)
    }
  }

  return {
    push(batch) {
      batches.push(batch)
      tellChange()
    },
    async waitForRoom(timeoutMs) {
      if (hasRoom()) return true
      const timer = new AbortController()
      const timeout = clock.sleep(timeoutMs, timer.signal).then(() => true)
      const change = () => changed.promise.then(() => false)
      for (let timedOut = false; !hasRoom() && !timedOut; ) timedOut = await Promise.race([change(), timeout])
      timer.abort()
      return hasRoom()
    },
    fail(cause) {
      failure ??= { cause }
      tellChange()
    },
    drain,
  }
}

export type BatchQueue<Batch> = {
  push(batch: Batch): void
  /** False when there is still no room after that long. */
  waitForRoom(timeoutMs: number): Promise<boolean>
  fail(cause: unknown): void
  drain(): AsyncGenerator<Batch>
}
