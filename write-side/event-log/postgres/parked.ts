import type { Clock } from '@micropay/runtime/clock'
import type { Logger } from '@micropay/runtime/logger'
import { openPool } from '@micropay/runtime/pool'
import { inTransaction } from '@micropay/runtime/transaction'
import type { PoolClient } from 'pg'
import { keyIn, type ParkingLot } from '../parked.ts'
import { countParked, deleteParked, insertParked, listParked, prepareParkedTables } from './parked-table.ts'
import { createParker } from './parker.ts'

/**
 * The parking lot in the database of the leases, which every worker has whatever its log is, in tables that are made
 * when they are first needed. It takes two connections at most, and none while nobody uses it.
 */
export function openParkingLot(options: ParkingLotOptions): ParkingLot {
  const { url, clock, log, giveUpAfterMs = 600_000 } = options
  const pool = openPool(url, log, { max: 2, statement_timeout: 2_000, application_name: 'parked messages' })
  let areMade = false
  async function use<Result>(work: (client: PoolClient) => Promise<Result>): Promise<Result> {
    try {
      if (!areMade) await inTransaction(pool, prepareParkedTables)
      areMade = true
      return await inTransaction(pool, work)
    } catch (error) {
      // They may be gone with their database.
      areMade = false
      throw error
    }
  }
  const remove = async (id: string) => {
    const key = keyIn(id)
    return key && use((client) => deleteParked(client, key))
  }
  const parker = createParker((message) => use((client) => insertParked(client, message)), {
    ...{ clock, log, giveUpAfterMs },
  })
  return {
    technology: 'postgres',
    park: parker.park,
    list: (partition) => use((client) => listParked(client, partition)),
    take: remove,
    drop: async (id) => (await remove(id)) !== undefined,
    counts: () => use(countParked),
    close: async () => {
      await parker.close()
      if (!pool.ended) await pool.end()
    },
  }
}

export type ParkingLotOptions = {
  /** LEASE_DATABASE_URL. */
  readonly url: string
  readonly clock: Clock
  readonly log: Logger
  /** So long a message is tried to be parked. */
  readonly giveUpAfterMs?: number
}
