import type { Pool } from 'pg'
import type { Clock } from './clock.ts'
import type { Logger } from './logger.ts'

/**
 * A named lease in PostgreSQL: it says who should own something, so that not everybody claims at once. It gives
 * liveness and no safety: who really owns a partition is what the log says.
 */
export type Lease = {
  /**
   * Waits until the lease is ours, then keeps renewing it; `onWait` when somebody else has it. False when the signal
   * aborted first.
   */
  acquire(signal: AbortSignal, onWait?: () => void): Promise<boolean>
  /** Lets others have it at once. */
  release(): Promise<void>
}

export type LeaseHolder = {
  readonly name: string
  readonly ownerId: string
  readonly acquiredAt: Date
  /** In the past when nobody renewed it: whoever asks next has it. */
  readonly expiresAt: Date
}

export type Leases = {
  prepare(): Promise<void>
  open(name: string, ownerId: string): Lease
  /** Who has these leases, as the table says now. */
  holders(names: readonly string[]): Promise<readonly LeaseHolder[]>
}

type LeaseTimes = { readonly ttlMs: number; readonly retryMs: number }

export function createLeases(
  pool: Pool,
  clock: Clock,
  log: Logger,
  times: LeaseTimes = { ttlMs: 6_000, retryMs: 500 },
): Leases {
  return {
    async prepare() {
      await pool.query(`
        create table if not exists lease (
          name text primary key, owner_id text not null, acquired_at timestamptz not null, expires_at timestamptz not null
        )`)
    },
    async holders(names) {
      const found = await pool.query<LeaseRow>(
        'select name, owner_id, acquired_at, expires_at from lease where name = any($1)',
        [names],
      )
      return found.rows.map((row) => ({
        ...{ name: row.name, ownerId: row.owner_id, acquiredAt: row.acquired_at, expiresAt: row.expires_at },
      }))
    },
    open: (name, ownerId) => openLease(pool, clock, log, times, name, ownerId),
  }
}

type LeaseRow = { name: string; owner_id: string; acquired_at: Date; expires_at: Date }

function openLease(pool: Pool, clock: Clock, log: Logger, times: LeaseTimes, name: string, ownerId: string): Lease {
  let renewing: AbortController | undefined
  let renewal: Promise<void> = Promise.resolve()

  async function take(): Promise<boolean> {
    const { rowCount } = await pool.query(
      `insert into lease values ($1, $2, now(), now() + $3 * interval '1 ms')
       on conflict (name) do update set owner_id = $2, expires_at = excluded.expires_at,
         acquired_at = case when lease.owner_id = $2 then lease.acquired_at else now() end
       where lease.owner_id = $2 or lease.expires_at < now()`,
      [name, ownerId, times.ttlMs],
    )
    return rowCount === 1
  }
  async function tryTake(): Promise<boolean> {
    try {
      return await take()
    } catch (error) {
      log.warn({ err: error, lease: name }, 'the lease could not be asked for')
      return false
    }
  }
  async function renew(signal: AbortSignal): Promise<void> {
    while (await clock.sleep(times.ttlMs / 3, signal)) {
      if (!(await tryTake())) log.warn({ lease: name }, 'the lease was not renewed: another worker may claim')
    }
  }
  return {
    async acquire(signal, onWait) {
      if (renewing) renewing.abort()
      while (!signal.aborted) {
        if (await tryTake()) {
          renewing = new AbortController()
          renewal = renew(renewing.signal)
          return true
        }
        onWait?.()
        await clock.sleep(times.retryMs, signal)
      }
      return false
    },
    async release() {
      renewing?.abort()
      await renewal
      await pool
        .query('delete from lease where name = $1 and owner_id = $2', [name, ownerId])
        .catch((error: unknown) => {
          log.warn({ err: error, lease: name }, 'the lease was not released: it ends by itself')
        })
    },
  }
}
