import { Pool } from 'undici'
import type { Load, LoadResult } from './load.ts'
import { pause, percentilesOf } from './report.ts'

export type PacedLoad = Pick<Load, 'url' | 'durationSeconds' | 'request'> & { readonly perSecond: number }

/**
 * POSTs at a steady rate, whether answers come or not. Latency is that from when a request was due, so that one which
 * had to wait for its turn counts what it waited.
 */
export async function runPaced({ url, durationSeconds, request, perSecond }: PacedLoad): Promise<LoadResult> {
  const { origin, pathname } = new URL(url)
  const pool = new Pool(origin, { connections: CONNECTIONS })
  const [timesMs, waiting]: [number[], Promise<void>[]] = [[], []]
  let failed = 0
  const send = async (index: number, dueMs: number) => {
    try {
      const { statusCode, body } = await pool.request({ path: pathname, method: 'POST', ...request(index) })
      await body.dump()
      if (statusCode < 200 || statusCode > 299) failed += 1
      else timesMs.push(performance.now() - dueMs)
    } catch {
      failed += 1
    }
  }
  const startedMs = performance.now()
  for (let index = 0; index < perSecond * durationSeconds; index += 1) {
    const dueMs = startedMs + (index * 1_000) / perSecond
    if (performance.now() < dueMs) await pause(dueMs - performance.now())
    waiting.push(send(index, dueMs))
  }
  await Promise.all(waiting)
  const seconds = (performance.now() - startedMs) / 1_000
  await pool.close()
  return { answered: timesMs.length, perSecond: timesMs.length / seconds, ...percentilesOf(timesMs), failed }
}

/** More than are ever under way while answers come in time. */
const CONNECTIONS = 512
