import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { developmentSecret } from '@micropay/local/issuer/personas'
import { databasesOf, type ServiceRow, serviceTable } from '@micropay/local/start/service-table'
import { databaseVariable } from '@micropay/local/start/services'
import { freePort } from '@micropay/local/stores/free-port'
import { startPostgres } from '@micropay/local/stores/postgres'
import { PARTITIONS } from '../renewal/site.ts'
import { lineWriter, startIssuer } from '../torture/product.ts'
import { type Service, service } from '../torture/service.ts'

/** A service of the product of which each process may be of another release; all are on one log. */
export type SkewedService = {
  readonly row: ServiceRow
  /** Where the others look for it. */
  readonly port: number
  /** A process of it, of the checkout in `root`: at that port, or beside the one that is there. */
  open(root: string, where: 'there' | 'beside'): Promise<Service>
}

export type SkewedSite = {
  readonly services: readonly SkewedService[]
  readonly issuerUrl: string
  readonly gatewayUrl: string
  /** For those who read the log themselves. */
  readonly logEnvironment: Readonly<Record<string, string>>
  stop(): Promise<void>
}

/** The stores and the issuer. Services speak plain HTTP with each other, as releases before certificates did. */
export async function startSkewedSite(directory: string): Promise<SkewedSite> {
  mkdirSync(join(directory, 'logs'), { recursive: true })
  const log = lineWriter(directory, 'postgres')
  const server = await startPostgres({ dataDirectory: join(directory, 'postgres'), port: await freePort(), log })
  for (const name of ['log', ...databasesOf(serviceTable)]) await server.createDatabase(`skew_${name}`)
  const databaseUrl = (name: string) => server.url(`skew_${name}`)
  const issuer = await startIssuer(directory, () => undefined)
  const rows = serviceTable.filter(({ kind }) => kind !== 'issuer')
  const ports = new Map<string, number>()
  for (const { name } of rows) ports.set(name, await freePort())
  const logEnvironment = { LOG: 'postgres', LOG_DATABASE_URL: databaseUrl('log') }
  const opened: Service[] = []
  const urlOf = (name: string) => `http://127.0.0.1:${ports.get(name)}`
  const shared = { ...logEnvironment, ...environmentOf(issuer.url, rows, urlOf, databaseUrl) }
  const open = async (row: ServiceRow, root: string, where: 'there' | 'beside') => {
    const number = opened.length
    const name = `${row.name}-${number}`
    const port = where === 'there' ? (ports.get(row.name) ?? 0) : await freePort()
    const own = {
      ...{ WORKER_ID: name, STATE_DIRECTORY: join(directory, name), ADVERTISED_URL: `http://127.0.0.1:${port}` },
      ...(row.database ? { [databaseVariable(row.database)]: databaseUrl(row.database) } : {}),
    }
    const logPath = join(directory, 'logs', `${name}.log`)
    const environment = { ...shared, ...own }
    const one = service({ name, main: row.main, port, environment, logPath, root, onOwnEnd: () => undefined })
    opened.push(one)
    one.start()
    return one
  }
  return {
    ...{ issuerUrl: issuer.url, gatewayUrl: urlOf('gateway'), logEnvironment },
    services: rows.map((row) => ({
      ...{ row, port: ports.get(row.name) ?? 0 },
      open: (root: string, where: 'there' | 'beside') => open(row, root, where),
    })),
    stop: async () => {
      await Promise.all([issuer, ...opened].map((one) => one.kill()))
      await server.stop()
    },
  }
}

/** What all of them are told; each takes what it knows. */
function environmentOf(
  issuerUrl: string,
  rows: readonly ServiceRow[],
  urlOf: (name: string) => string,
  databaseUrl: (name: string) => string,
): Readonly<Record<string, string>> {
  const projections = rows.filter(({ kind }) => kind === 'projection')
  return {
    ...{ OIDC_ISSUER: issuerUrl, OIDC_CLIENT_ID: 'gateway', OIDC_CLIENT_SECRET: developmentSecret },
    ...{ SESSION_SECRET: 'a secret of sessions for skewed releases', CURSOR_SECRET: 'a secret of cursors for all' },
    ...{ REQUEST_HASH_KEY: 'a key of requests that all releases share', LEDGER_ID: 'skewed' },
    ...{ PARTITIONS: String(PARTITIONS), LEASE_DATABASE_URL: databaseUrl('lease'), LOG_LEVEL: 'info' },
    ...{ PUBLIC_URL: urlOf('gateway'), RATE_LIMIT_PER_SECOND: '0', WRITE_SIDE_URL: urlOf('write-side') },
    ...{ ACCOUNTS_URL: urlOf('accounts'), AUDIT_URL: urlOf('audit'), RECONCILIATION_URL: urlOf('reconciliation') },
    PROJECTIONS_URLS: projections.map(({ name, database }) => `${database}=${urlOf(name)}`).join(),
  }
}
