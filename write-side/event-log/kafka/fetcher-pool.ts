import { LogError } from '../event-log.ts'
import type { Fetcher } from './fetcher.ts'

/**
 * Opens a connection for each reader, and keeps a few that their readers have left for the next ones: most readers want
 * a record, and to connect takes ten times as long as to read it.
 */
export function createFetcherPool(open: () => Promise<Fetcher>): FetcherPool {
  const opened = new Set<Fetcher>()
  const waiting: Fetcher[] = []
  let isClosed = false
  const end = async (fetcher: Fetcher) => {
    opened.delete(fetcher)
    await fetcher.close()
  }
  return {
    async take() {
      const kept = waiting.pop()
      if (kept) return kept
      const fetcher = isClosed ? undefined : await open()
      if (fetcher) opened.add(fetcher)
      if (fetcher && isClosed) await end(fetcher)
      if (!fetcher || isClosed) throw new LogError('log_unavailable', 'the log was closed')
      return fetcher
    },
    async giveBack(fetcher) {
      if (isClosed || waiting.length >= MOST_WAITING) await end(fetcher)
      else waiting.push(fetcher)
    },
    async drop(fetcher) {
      await Promise.all([fetcher, ...waiting.splice(0)].map(end))
    },
    async close() {
      isClosed = true
      waiting.length = 0
      await Promise.all([...opened].map(end))
    },
  }
}

export type FetcherPool = {
  /** Throws LogError `log_unavailable` once the pool is closed. */
  take(): Promise<Fetcher>
  giveBack(fetcher: Fetcher): Promise<void>
  /**
   * Closes one that failed, and those that wait: a broker that went away, or lost its partitions, took them all with
   * it.
   */
  drop(fetcher: Fetcher): Promise<void>
  /** Closes all, those too that a reader has. */
  close(): Promise<void>
}

const MOST_WAITING = 4
