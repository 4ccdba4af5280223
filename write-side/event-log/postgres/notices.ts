import type { Pool } from 'pg'

/** Tells readers that a partition has more to read. */
export type Notices = { tell(partition: number): void }

/**
 * Notices in transactions of their own, of all partitions that have more by then. PostgreSQL lets one transaction
 * commit at a time of all that notify, so that appends of several partitions would wait for one another's disk. A
 * notice that is lost costs a reader the time until it looks by itself.
 */
export function createNotices(pool: Pool): Notices {
  const waiting = new Set<number>()
  let telling = false
  async function tellAll(): Promise<void> {
    telling = true
    while (waiting.size > 0) {
      const partitions = [...waiting]
      waiting.clear()
      await pool.query({ name: 'notices', text: notify, values: [partitions] }).catch(() => undefined)
    }
    telling = false
  }
  return {
    tell(partition) {
      waiting.add(partition)
      if (!telling) void tellAll()
    },
  }
}

/** Nobody waits until it is on disk. */
const notify = `
  select set_config('synchronous_commit', 'off', true), pg_notify('event_log', partition::text)
  from unnest($1::int[]) as partition`
