import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Client } from 'pg'
import type { Product } from './product.fixture.ts'

/**
 * Does what nobody but the server's superuser can do to a log in PostgreSQL: the role of its worker adds records, and
 * changes none.
 */
export async function asSuperuser<Result>(
  { home, running }: Pick<Product, 'home' | 'running'>,
  work: (client: Client) => Promise<Result>,
  database = 'micropay_log',
): Promise<Result> {
  const password = await readFile(join(home, 'postgres', 'micropay-password'), 'utf8')
  const url = new URL(running.logEnvironment.LOG_DATABASE_URL ?? '')
  const client = new Client(Object.assign(url, { username: 'postgres', password, pathname: `/${database}` }).href)
  await client.connect()
  return work(client).finally(() => client.end())
}
