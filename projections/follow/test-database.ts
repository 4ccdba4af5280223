import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startPostgres } from '@micropay/deploy/local/postgres'
import { Pool } from 'pg'

/** A real PostgreSQL server of the test file's own, with as many fresh databases as it asks for. */
export async function startTestDatabases(): Promise<TestDatabases> {
  const directory = await mkdtemp(join(tmpdir(), 'micropay-read-model-'))
  const postgres = await startPostgres({
    dataDirectory: join(directory, 'data'),
    port: await freePort(),
    durable: false,
  })
  const pools: Pool[] = []
  let count = 0
  return {
    async fresh() {
      count += 1
      const name = `accounts_${count}`
      await postgres.createDatabase(name)
      const url = postgres.url(name)
      const pool = new Pool({ connectionString: url, max: 20 })
      pool.on('error', () => undefined)
      pools.push(pool)
      return { url, pool }
    },
    async stop() {
      await Promise.all(pools.map((pool) => pool.end()))
      await postgres.stop()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

export type TestDatabases = {
  fresh(): Promise<{ url: string; pool: Pool }>
  stop(): Promise<void>
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
