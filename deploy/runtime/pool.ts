import { Pool, type PoolConfig } from 'pg'
import type { Logger } from './logger.ts'

/**
 * Connections to one database, whose loss is logged: node-postgres would end the process for each that nobody listens
 * to.
 */
export function openPool(url: string, log: Pick<Logger, 'warn'>, options: Omit<PoolConfig, 'connectionString'>): Pool {
  const pool = new Pool({ connectionString: url, ...options })
  const of = options.application_name
  const noteLost = (error: Error) => log.warn({ err: error, of }, 'a database connection was lost')
  pool.on('error', noteLost)
  // One that is lost between two statements of a transaction says so here alone.
  pool.on('connect', (client) => client.on('error', noteLost))
  return pool
}
