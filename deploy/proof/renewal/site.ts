import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Authority } from '@micropay/local/authority/authority'
import { databasesOf, type ServiceRow, serviceTable } from '@micropay/local/start/service-table'
import { databaseVariable } from '@micropay/local/start/services'
import { freePort } from '@micropay/local/stores/free-port'
import { startPostgres } from '@micropay/local/stores/postgres'
import { lineWriter, untilAnswers } from '../torture/product.ts'
import { type Service, service } from '../torture/service.ts'
import { type SiteCertificates, siteCertificates } from './site-certificates.ts'
import { type SiteRings, siteRings } from './site-rings.ts'

/** How many partitions the workers share. */
export const PARTITIONS = 8

/** Where it says in plain HTTP that it is ready. */
export type SiteService = Service & { readonly readyUrl: string }

/**
 * The product, with two of each of command workers, gateways and read services, or with one; and one of each
 * projection. Services speak mutual TLS with each other. Secrets and certificates are in files.
 */
export type Site = {
  readonly issuer: SiteService
  readonly issuerUrl: string
  readonly workers: readonly SiteService[]
  readonly gateways: readonly SiteService[]
  readonly readServices: readonly SiteService[]
  readonly projections: readonly SiteService[]
  readonly certificates: SiteCertificates
  /** Of the certificates that it began with. */
  readonly authority: Authority
  readonly rings: SiteRings
  stop(): Promise<void>
}

type Placed = { readonly row: ServiceRow; readonly name: string; readonly port: number; readonly probePort: number }

/** What all of them are told besides. */
type Environment = Readonly<Record<string, string>>

const HOUR_MS = 3_600_000

/** Starts all of it on PostgreSQL, and waits until every process is ready. */
export async function startSite(directory: string, copies: 1 | 2, more: Environment = {}): Promise<Site> {
  mkdirSync(join(directory, 'logs'), { recursive: true })
  const line = lineWriter(directory, 'postgres')
  const server = await startPostgres({ dataDirectory: join(directory, 'postgres'), port: await freePort(), log: line })
  for (const name of ['log', ...databasesOf(serviceTable)]) await server.createDatabase(`site_${name}`)
  const placed = await placeAll(copies)
  const rings = siteRings(join(directory, 'secrets'))
  const names = [...new Set(placed.map(({ row }) => row.name))].filter((name) => name !== 'issuer')
  const certificates = siteCertificates(join(directory, 'tls'), names)
  const authority = await certificates.make('the first authority')
  await certificates.trust(authority)
  await certificates.issue(authority, HOUR_MS)
  const settings = { directory, placed, rings, certificates, databaseUrl: (name: string) => server.url(`site_${name}`) }
  const all = placed.map((each) => {
    const logPath = join(directory, 'logs', `${each.name}.log`)
    const { name, port, row } = each
    const environment = { ...environmentOf(each, settings), ...more }
    const started = service({ name, main: row.main, port, environment, logPath, onOwnEnd: () => undefined })
    started.start()
    return { kind: row.kind, started: Object.assign(started, { readyUrl: readyUrlOf(each) }) }
  })
  const of = (kind: ServiceRow['kind']) => all.filter((each) => each.kind === kind).map(({ started }) => started)
  for (const { started } of all) await untilAnswers(started.readyUrl)
  const [issuer] = of('issuer')
  if (!issuer) throw new Error('the table of services has no issuer')
  return {
    ...{ issuer, issuerUrl: issuer.url, certificates, authority, rings },
    ...{ workers: of('write-side'), gateways: of('gateway'), readServices: of('read-side') },
    projections: of('projection'),
    stop: async () => {
      await Promise.all(all.map(({ started }) => started.kill()))
      await server.stop()
    },
  }
}

async function placeAll(copies: number): Promise<readonly Placed[]> {
  const placed: Placed[] = []
  for (const row of serviceTable) {
    const count = row.kind === 'projection' || row.kind === 'issuer' ? 1 : copies
    for (let number = 1; number <= count; number += 1) {
      placed.push({ row, name: `${row.name}-${number}`, port: await freePort(), probePort: await freePort() })
    }
  }
  return placed
}

type Settings = {
  readonly directory: string
  readonly placed: readonly Placed[]
  readonly rings: SiteRings
  readonly certificates: SiteCertificates
  databaseUrl(name: string): string
}

function environmentOf({ row, name, probePort }: Placed, settings: Settings): Record<string, string> {
  const { directory, placed, rings, certificates, databaseUrl } = settings
  const urls = (kind: ServiceRow['kind'], database?: string) =>
    placed.filter((each) => each.row.kind === kind && (database === undefined || each.row.database === database))
  const listed = (some: readonly Placed[]) => some.map(urlOf).join()
  const { cert, key, ca } = certificates.paths(row.name)
  const own = row.kind === 'issuer' ? {} : { TLS_CERT_FILE: cert, TLS_KEY_FILE: key, TLS_CA_FILE: ca }
  const publicUrl = listed(urls('gateway').slice(0, 1))
  return {
    ...{ ...own, ...rings.environment, OIDC_ISSUER: listed(urls('issuer')), CONFIG_REFRESH_SECONDS: '1' },
    ...(isBehind(row) ? { HEALTH_PORT: String(probePort) } : {}),
    ...{ LOG: 'postgres', LOG_DATABASE_URL: databaseUrl('log'), LEASE_DATABASE_URL: databaseUrl('lease') },
    ...(row.database ? { [databaseVariable(row.database)]: databaseUrl(row.database) } : {}),
    ...{ WORKER_ID: name, STATE_DIRECTORY: join(directory, name), LEDGER_ID: 'site', PARTITIONS: String(PARTITIONS) },
    ...{ RATE_LIMIT_PER_SECOND: '0', LOG_LEVEL: 'info', WRITE_SIDE_URL: listed(urls('write-side')) },
    // Both gateways are one site, and stand for one address.
    ...(row.kind === 'issuer' ? { GATEWAY_URL: publicUrl } : { PUBLIC_URL: publicUrl }),
    ...{ ACCOUNTS_URL: listed(urls('read-side', 'accounts')), AUDIT_URL: listed(urls('read-side', 'audit')) },
    RECONCILIATION_URL: listed(urls('read-side', 'reconciliation')),
    PROJECTIONS_URLS: urls('projection')
      .map((each) => `${each.row.database}=${urlOf(each)}`)
      .join(),
  }
}

/** Behind the gateway nobody is spoken with who has no certificate. */
function isBehind({ kind }: ServiceRow): boolean {
  return kind !== 'issuer' && kind !== 'gateway'
}

function urlOf({ row, port }: Placed): string {
  return `${isBehind(row) ? 'https' : 'http'}://127.0.0.1:${port}`
}

function readyUrlOf({ row, port, probePort }: Placed): string {
  return `http://127.0.0.1:${isBehind(row) ? probePort : port}/health/ready`
}
