import type { WorkerDeps } from './worker-state.ts'

/**
 * PostgreSQL does not break off a statement while it waits for its client, whatever `statement_timeout` says: of a
 * worker that stands still in the middle of a COPY, the transaction would keep its locks for ever. So each worker, with
 * a lease or without, looks every few seconds for what others of its application have left beyond the bound that all of
 * them have, and ends its connection. What works or is idle has its own bounds, and is spared.
 */
export async function endOverdue({ pool, clock, logger }: Deps, signal: AbortSignal): Promise<void> {
  while (await clock.sleep(LOOK_EVERY_MS, signal)) {
    // While the database does not answer, whoever writes to it says so.
    const ended = await pool.query<Overdue>(endingOverdue).catch(() => undefined)
    for (const overdue of ended?.rows ?? []) logger.warn(overdue, WHY)
  }
}

type Deps = Pick<WorkerDeps, 'pool' | 'clock' | 'logger'>

/** `client` is the address of its host, null where that is this one's socket; `ms` since the statement began. */
type Overdue = {
  readonly backend: number
  readonly client: string | null
  readonly statement: string
  readonly ms: number
}

const LOOK_EVERY_MS = 3_000

const WHY =
  'ended the database connection of a worker that stands still or is cut off: ' +
  'its statement waited for it longer than a statement may take, and kept its locks'

/**
 * Without a bound of this connection's own, nothing is beyond it. The planner tries conditions in any order: what ends
 * a connection stands apart from those that choose it.
 */
const endingOverdue = `
  with overdue as materialized (
    select pid as backend, host(client_addr) as client, query as statement,
      round(1000 * extract(epoch from clock_timestamp() - query_start))::int as ms
    from pg_stat_activity
    where datname = current_database() and usename = current_user
      and application_name = current_setting('application_name')
      and state = 'active' and wait_event_type = 'Client'
      and clock_timestamp() - query_start > nullif(current_setting('statement_timeout'), '0')::interval
  )
  select overdue.* from overdue, pg_terminate_backend(backend) as ended where ended`
