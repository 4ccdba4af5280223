import { openPools } from '../pool.ts'
import type { Tell } from './told.ts'

/** The connections of all pools of the process; those of one name are told together. */
export function readPools(tell: Tell): void {
  for (const [pool, named] of Map.groupBy(openPools(), ({ name }) => name)) {
    const sum = (of: (one: (typeof named)[number]['pool']) => number) =>
      named.reduce((total, one) => total + of(one.pool), 0)
    const idle = sum(({ idleCount }) => idleCount)
    tell('micropay_postgres_connections', sum(({ totalCount }) => totalCount) - idle, { pool, state: 'used' })
    tell('micropay_postgres_connections', idle, { pool, state: 'idle' })
    tell(
      'micropay_postgres_connections_max',
      sum(({ options }) => options.max),
      { pool },
    )
    tell(
      'micropay_postgres_waiting',
      sum(({ waitingCount }) => waitingCount),
      { pool },
    )
  }
}
