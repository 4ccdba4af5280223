import type { Client, QueryConfig } from 'pg'
import type { Clock } from './clock.ts'

/**
 * Does one statement that may take hours, such as an index. Since it says nothing until it is done, another connection
 * is asked every few seconds (`beside`) whether its backend is still at it: an answer that was lost on its way, or a
 * database that does not answer any more, ends the client, and the statement fails.
 */
export async function longStatement(client: Client, text: string, beside: Beside, clock: Clock): Promise<void> {
  const { rows } = await client.query<{ pid: number }>(
    `select pg_backend_pid() as pid, set_config('statement_timeout', $1, false)`,
    [`${LONG_MS}ms`],
  )
  const done = new AbortController()
  watchFromBeside(client, rows[0]?.pid, beside, clock, done.signal)
  const asked = { text, query_timeout: LONG_MS + ASK_EVERY_MS }
  await client.query(asked).finally(() => done.abort())
  await client.query('reset statement_timeout')
}

export type Beside = (asked: QueryConfig) => Promise<{ readonly rowCount: number | null }>

const LONG_MS = 6 * 3_600_000
const ASK_EVERY_MS = 3_000
/** One may ask just before the answer arrives. */
const MISSES = 2

async function watchFromBeside(
  client: Client,
  pid: number | undefined,
  beside: Beside,
  clock: Clock,
  done: AbortSignal,
): Promise<void> {
  const isAtIt = {
    text: `select from pg_stat_activity where pid = $1 and state = 'active'`,
    values: [pid],
    query_timeout: ASK_EVERY_MS,
  }
  let misses = 0
  while (misses < MISSES && (await clock.sleep(ASK_EVERY_MS, done))) {
    const found = await beside(isAtIt).catch(() => undefined)
    misses = found?.rowCount === 1 ? 0 : misses + 1
  }
  if (!done.aborted) client.end().catch(() => undefined)
}
