import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort } from '@micropay/local/stores/free-port'
import { startGuarded } from '@micropay/local/stores/guarded-process'
import type { Product } from '../e2e/product.fixture.ts'
import type { Target } from './scraping.ts'

/** The exporters of Debian beside a product: of its PostgreSQL, and of this host. */
export async function startExporters(programs: string, { home, running }: Pick<Product, 'home' | 'running'>) {
  const [postgresPort, nodePort] = [await freePort(), await freePort()]
  const password = await readFile(join(home, 'postgres', 'micropay-password'), 'utf8')
  const [readModel] = Object.values(running.readModels)
  const url = new URL(readModel ?? '')
  Object.assign(url, { username: 'postgres', password: password.trim(), pathname: '/postgres' })
  url.searchParams.set('sslmode', 'disable')
  const postgres = startGuarded({
    ...{ command: join(programs, 'prometheus-postgres-exporter'), stopSignal: 'TERM' },
    args: [`--web.listen-address=127.0.0.1:${postgresPort}`],
    environment: { ...process.env, DATA_SOURCE_NAME: url.href },
  })
  const node = startGuarded({
    ...{ command: join(programs, 'prometheus-node-exporter'), stopSignal: 'TERM' },
    args: [`--web.listen-address=127.0.0.1:${nodePort}`],
  })
  const targets: readonly Target[] = [
    { job: 'postgres', address: `127.0.0.1:${postgresPort}` },
    { job: 'node', address: `127.0.0.1:${nodePort}` },
  ]
  return {
    targets,
    async [Symbol.asyncDispose](): Promise<void> {
      await Promise.all([postgres.stop(), node.stop()])
    },
  }
}
