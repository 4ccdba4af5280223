import { Client } from 'pg'
import type { Clock } from './clock.ts'
import type { Logger } from './logger.ts'

/**
 * Does `work` while this process alone holds the named lease, a PostgreSQL advisory lock on a connection of its own:
 * the lease ends with the process or its connection. It only keeps workers from doing the same work twice; the
 * checkpoint's swap is what keeps them safe.
 */
export async function whileLeased(options: LeaseOptions, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const { clock, logger, name, signal } = options
  while (!signal.aborted) {
    const lost = new AbortController()
    const client = new Client({
      connectionString: options.databaseUrl,
      keepAlive: true,
      application_name: `lease ${name}`,
    })
    client.on('error', () => lost.abort())
    client.on('end', () => lost.abort())
    try {
      await client.connect()
      while (!signal.aborted && !lost.signal.aborted && !(await tryLease(client, name))) {
        await clock.sleep(TRY_EVERY_MS, signal)
      }
      if (!signal.aborted && !lost.signal.aborted) {
        logger.info({ lease: name }, 'holds the lease')
        await work(AbortSignal.any([signal, lost.signal]))
      }
    } catch (error) {
      if (!signal.aborted) logger.warn({ err: error, lease: name }, 'the lease was lost or could not be had')
    } finally {
      await client.end().catch(() => undefined)
    }
    await clock.sleep(TRY_EVERY_MS, signal)
  }
}

export type LeaseOptions = {
  readonly databaseUrl: string
  readonly name: string
  readonly clock: Clock
  readonly logger: Logger
  readonly signal: AbortSignal
}

const TRY_EVERY_MS = 500

/** The lock is the session's; ending the connection gives it back. */
export async function tryLease(client: Pick<Client, 'query'>, name: string): Promise<boolean> {
  const answer = await client.query<{ locked: boolean }>(
    'select pg_try_advisory_lock(hashtextextended($1, 0)) as locked',
    [name],
  )
  return answer.rows[0]?.locked === true
}
