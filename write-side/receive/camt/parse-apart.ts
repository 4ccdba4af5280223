import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { type Clock, systemClock } from '@micropay/runtime/clock'
import { ProblemError } from '@micropay/runtime/http'
import type { ParsedStatement } from './parse-statement.ts'

export type ParseApart = (bytes: Uint8Array) => Promise<ParsedStatement>

const MOST_AT_A_TIME = 2
const TIMEOUT_MS = 10_000
const MEMORY_MB = 256

/** Parses in a thread of its own, so that payments never wait for a large file; bounded in number, time and memory. */
export function createParseApart(clock: Clock = systemClock): ParseApart {
  let running = 0
  return async (bytes) => {
    if (running >= MOST_AT_A_TIME) {
      throw new ProblemError('overloaded', 'other statements are being read: send it again', {
        headers: { 'retry-after': '2' },
      })
    }
    running += 1
    const worker = new Worker(new URL('./parse-worker.ts', import.meta.url), {
      workerData: bytes,
      resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB },
    })
    try {
      const [parsed] = await once(worker, 'message', { signal: clock.deadline(TIMEOUT_MS) })
      return parsed
    } catch (cause) {
      const detail = 'the file takes more time or memory to read than a statement may: send it as the bank made it'
      if (isExhausted(cause)) throw new ProblemError('statement_unreadable', detail)
      throw cause
    } finally {
      running -= 1
      await worker.terminate()
    }
  }
}

function isExhausted(cause: unknown): boolean {
  if (!(cause instanceof Error)) return false
  return cause.name === 'AbortError' || ('code' in cause && cause.code === 'ERR_WORKER_OUT_OF_MEMORY')
}
