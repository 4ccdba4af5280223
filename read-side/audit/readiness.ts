import type { Clock } from '@micropay/runtime/clock'
import type { Logger } from '@micropay/runtime/logger'
import type { Pool } from 'pg'
import { prepareAccessLog } from './access-log.ts'
import { readIndexHead } from './audit-index.ts'

/** Makes the access log when the database can be reached, and then knows, each second anew, whether the index can be asked. */
export function watchReadiness(pool: Pool, clock: Clock, logger: Logger): Readiness {
  const stop = new AbortController()
  let prepared = false
  let reason: string | undefined = 'it has just started'
  const running = (async () => {
    while (!stop.signal.aborted) {
      try {
        if (!prepared) await prepareAccessLog(pool)
        prepared = true
        const head = await readIndexHead(pool)
        reason = head?.ageSeconds === undefined ? 'the audit index is being built for the first time' : undefined
      } catch (error) {
        if (reason === undefined) logger.warn({ err: error }, 'the audit database does not answer')
        reason = 'the audit database does not answer'
      }
      await clock.sleep(reason === undefined ? STEADY_MS : RETRY_MS, stop.signal)
    }
  })()
  return {
    notReadyBecause: () => reason,
    async close() {
      stop.abort()
      await running
    },
  }
}

export type Readiness = { notReadyBecause(): string | undefined; close(): Promise<void> }

const STEADY_MS = 1_000
const RETRY_MS = 200
