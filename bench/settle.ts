import pg from 'pg'

/**
 * Leaves nothing to do in the background for what is measured next: after a bulk load autovacuum and the checkpointer
 * take their share of the cores, for a minute or so, and that minute would be what is measured.
 */
export async function settle(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    await client.query('vacuum analyze')
    await client.query('checkpoint')
  } finally {
    await client.end()
  }
}
