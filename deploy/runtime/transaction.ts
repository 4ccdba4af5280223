import type { Pool, PoolClient } from 'pg'

/**
 * Does `work` in one transaction, which is rolled back before its error is thrown on. `begin` may say more than
 * `begin`. A connection that cannot be rolled back is closed, which the server takes for a rollback.
 */
export async function inTransaction<Result>(
  pool: Pool,
  work: (client: PoolClient) => Promise<Result>,
  begin = 'begin',
): Promise<Result> {
  const client = await pool.connect()
  let failure: Error | undefined
  try {
    await client.query(begin)
    const result = await work(client)
    await client.query('commit')
    return result
  } catch (error) {
    await client.query('rollback').catch((cause: unknown) => {
      failure = cause instanceof Error ? cause : new Error('rollback failed')
    })
    throw error
  } finally {
    client.release(failure)
  }
}
