import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { developmentSecret } from '@micropay/local/issuer/personas'
import { databasesOf, type ServiceRow, serviceTable } from '@micropay/local/start/service-table'
import { databaseVariable } from '@micropay/local/start/services'
import { freePort } from '@micropay/local/stores/free-port'
import { startPostgres } from '@micropay/local/stores/postgres'
import { lineWriter, startIssuer, untilAnswers } from '../torture/product.ts'
import { type Service, service } from '../torture/service.ts'

/** How many partitions the two workers share. */
export const PARTITIONS = 8

/** The product with two of each: command workers, gateways and read services; and one of each projection. */
export type Site = {
  readonly issuerUrl: string
  readonly workers: readonly Service[]
  readonly gateways: readonly Service[]
  readonly readServices: readonly Service[]
  stop(): Promise<void>
}

const secret = 'a secret of the renewal of everything, which guards nothing at all'

type Placed = { readonly row: ServiceRow; readonly name: string; readonly port: number }

/** Starts all of it on PostgreSQL, and waits until every process is ready. */
export async function startSite(directory: string): Promise<Site> {
  mkdirSync(join(directory, 'logs'), { recursive: true })
  const line = lineWriter(directory, 'postgres')
  const server = await startPostgres({ dataDirectory: join(directory, 'postgres'), port: await freePort(), log: line })
  for (const name of ['log', ...databasesOf(serviceTable)]) await server.createDatabase(`site_${name}`)
  const issuer = await startIssuer(directory, () => undefined)
  const placed = await placeAll()
  const urls = (kind: ServiceRow['kind'], database?: string) =>
    placed.filter(({ row }) => row.kind === kind && (database === undefined || row.database === database)).map(urlOf)
  const all = placed.map(({ row, name, port }) => {
    const environment = {
      ...{ OIDC_ISSUER: issuer.url, OIDC_CLIENT_SECRET: developmentSecret, LOG_LEVEL: 'info' },
      ...{ LOG: 'postgres', LOG_DATABASE_URL: server.url('site_log'), LEASE_DATABASE_URL: server.url('site_lease') },
      ...(row.database ? { [databaseVariable(row.database)]: server.url(`site_${row.database}`) } : {}),
      ...{ WORKER_ID: name, STATE_DIRECTORY: join(directory, name), LEDGER_ID: 'site', PARTITIONS: String(PARTITIONS) },
      ...{ REQUEST_HASH_KEY: secret, CURSOR_SECRET: secret, SESSION_SECRET: secret, RATE_LIMIT_PER_SECOND: '0' },
      ...{ PUBLIC_URL: `http://127.0.0.1:${port}`, WRITE_SIDE_URL: urls('write-side').join() },
      ...{ ACCOUNTS_URL: urls('read-side', 'accounts').join(), AUDIT_URL: urls('read-side', 'audit').join() },
      RECONCILIATION_URL: urls('read-side', 'reconciliation').join(),
      PROJECTIONS_URLS: placed
        .flatMap((each) => (each.row.kind === 'projection' ? [`${each.row.database}=${urlOf(each)}`] : []))
        .join(),
    }
    const logPath = join(directory, 'logs', `${name}.log`)
    const started = service({ name, main: row.main, port, environment, logPath, onOwnEnd: () => undefined })
    started.start()
    return { kind: row.kind, started }
  })
  const of = (kind: ServiceRow['kind']) => all.filter((each) => each.kind === kind).map(({ started }) => started)
  for (const { started } of all) await untilAnswers(`${started.url}/health/ready`)
  return {
    issuerUrl: issuer.url,
    ...{ workers: of('write-side'), gateways: of('gateway'), readServices: of('read-side') },
    stop: async () => {
      await Promise.all([...all.map(({ started }) => started), issuer].map((each) => each.kill()))
      await server.stop()
    },
  }
}

/** The issuer runs by itself. */
async function placeAll(): Promise<readonly Placed[]> {
  const placed: Placed[] = []
  for (const row of serviceTable) {
    if (row.kind === 'issuer') continue
    const count = row.kind === 'projection' ? 1 : 2
    for (let number = 1; number <= count; number += 1) {
      placed.push({ row, name: `${row.name}-${number}`, port: await freePort() })
    }
  }
  return placed
}

function urlOf({ port }: Placed): string {
  return `http://127.0.0.1:${port}`
}
