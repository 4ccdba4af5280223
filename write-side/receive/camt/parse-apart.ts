import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { type Clock, systemClock } from '@micropay/runtime/clock'
import { ProblemError } from '@micropay/runtime/problem-error'
import type { ParsedStatement } from './parse-statement.ts'

export type ParseApart = (bytes: Uint8Array) => Promise<ParsedStatement>

const MOST_AT_A_TIME = 2
const MEMORY_MB = 256
/**
 * How long a file is waited for, and how much of a processor's time is more than a statement takes: twice that of the
 * longest.
 */
const bounds: Bounds = { waitMs: 10_000, processorMs: 3_000 }
type Bounds = { readonly waitMs: number; readonly processorMs: number }
/** A thread that does not say what it has used within this time has hardly run. */
const ASK_MS = 1_000

/**
 * Parses in a thread of its own, so that payments never wait for a large file; bounded in number, time and memory. A
 * file that was not read in time because others had the processor is `overloaded`, and can be sent again.
 */
export function createParseApart(clock: Clock = systemClock, { waitMs, processorMs } = bounds): ParseApart {
  let running = 0
  return async (bytes) => {
    if (running >= MOST_AT_A_TIME) throw overloaded('other statements are being read: send it again')
    running += 1
    const worker = new Worker(new URL('./parse-worker.ts', import.meta.url), {
      workerData: bytes,
      resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB },
    })
    try {
      const [parsed] = await once(worker, 'message', { signal: clock.deadline(waitMs) })
      return parsed
    } catch (cause) {
      if (!isLate(cause) && !isOutOfMemory(cause)) throw cause
      if (isLate(cause) && (await processorMsOf(worker, clock)) < processorMs) {
        throw overloaded('the file could not be read in time, since much else goes on: send it again')
      }
      const detail = 'the file takes more time or memory to read than a statement may: send it as the bank made it'
      throw new ProblemError('statement_unreadable', detail)
    } finally {
      running -= 1
      await worker.terminate()
    }
  }
}

function overloaded(detail: string): ProblemError {
  return new ProblemError('overloaded', detail, { headers: { 'retry-after': '2' } })
}

/** How long a thread has had a processor so far. */
async function processorMsOf(worker: Worker, clock: Clock): Promise<number> {
  const unknown = { user: 0, system: 0 }
  const late = new AbortController()
  const asked = worker.cpuUsage().catch(() => unknown)
  const { user, system } = await Promise.race([asked, clock.sleep(ASK_MS, late.signal).then(() => unknown)])
  late.abort()
  return (user + system) / 1_000
}

function isLate(cause: unknown): boolean {
  return cause instanceof Error && cause.name === 'AbortError'
}

function isOutOfMemory(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === 'ERR_WORKER_OUT_OF_MEMORY'
}
