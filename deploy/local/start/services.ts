import { join } from 'node:path'
import { parentListens } from '@micropay/runtime/listen'
import type { TlsPaths } from '@micropay/runtime/tls/tls-files'
import { EVENT_GENERATION } from '@micropay/schemas/log/generations'
import { developmentSecret } from '../issuer/personas.ts'
import { portOf } from '../stores/free-port.ts'
import type { DatabaseRole } from './database-roles.ts'
import type { Installation } from './installation.ts'
import { type PlacedService, urlOf } from './ports.ts'
import type { DatabaseName, ServiceNeed, ServiceRow } from './service-table.ts'
import type { ServiceDefinition } from './supervise.ts'

export type ServiceSettings = {
  readonly repositoryRoot: string
  readonly home: string
  /** Which log's state, leases and read models: see storeName. */
  readonly store: string
  readonly installation: Installation
  /** Tells this run from every other. */
  readonly instance: string
  readonly logLevel: string
  /** LOG and the variables that go with it. */
  readonly logEnvironment: Readonly<Record<string, string>>
  /** The leases are in the database of the log, where that is in PostgreSQL. */
  databaseUrl(name: DatabaseName, role: DatabaseRole): string
  /** The files of a service's certificate; undefined where services speak plain HTTP. */
  readonly certificates?: ((service: string) => TlsPaths) | undefined
  readonly uiDirectory: string
  /** Whose alerts the gateway shows; undefined where there is none. */
  readonly alertmanagerUrl?: string | undefined
  /** What the services inherit: PATH and the like. */
  readonly inherited: Readonly<Record<string, string | undefined>>
}

type Environment = Readonly<Record<string, string>>

/** Every service with the environment that its main.ts asks for. */
export function serviceDefinitions(
  placed: readonly PlacedService[],
  settings: ServiceSettings,
): readonly ServiceDefinition[] {
  return placed.map((service) => ({
    name: service.name,
    main: join(settings.repositoryRoot, service.main),
    socket: service.socket,
    readyUrl: `${service.url}/health/ready`,
    environment: {
      // Compiled code is kept for the next start, which is a second faster for it.
      NODE_COMPILE_CACHE: join(settings.repositoryRoot, '.cache', 'node'),
      ...settings.inherited,
      ...{ [parentListens]: 'yes', PORT: String(portOf(service.socket)), HOST: '127.0.0.1' },
      ...{ LOG_LEVEL: settings.logLevel, OIDC_ISSUER: urlOf(placed, 'issuer'), OIDC_AUDIENCE: 'micropay' },
      ...tlsEnvironment(service, settings),
      // Whatever `start` itself was given, a port is of one service.
      METRICS_PORT: service.metricsPort === undefined ? '' : String(service.metricsPort),
      ...databaseEnvironment(service, settings),
      ...Object.assign({}, ...service.needs.map((need) => neededEnvironment(need, service, settings))),
      ...ownEnvironment(service, placed, settings),
    },
  }))
}

/** Whatever variables `start` itself was given, a certificate is of one service. */
function tlsEnvironment({ name, kind }: ServiceRow, { certificates }: ServiceSettings): Environment {
  const paths = kind === 'issuer' ? undefined : certificates?.(name)
  return { ...filesOf(paths), HEALTH_PORT: paths === undefined || kind === 'gateway' ? '' : '0' }
}

/** The variables that name the files of a certificate; none of them where there is none. */
export function filesOf(paths: TlsPaths | undefined): Environment {
  return { TLS_CERT_FILE: paths?.cert ?? '', TLS_KEY_FILE: paths?.key ?? '', TLS_CA_FILE: paths?.ca ?? '' }
}

/** What only a projection makes, no other service drops. */
function databaseEnvironment({ database, kind }: ServiceRow, { databaseUrl }: ServiceSettings): Environment {
  if (database === undefined) return {}
  const own = { [databaseVariable(database)]: databaseUrl(database, kind === 'read-side' ? 'read' : 'run') }
  if (kind !== 'projection') return own
  return { ...own, [`${database.toUpperCase()}_BUILD_DATABASE_URL`]: databaseUrl(database, 'build') }
}

/** Whoever does not write the log may only read it. */
function logEnvironmentOf(kind: ServiceRow['kind'], { logEnvironment, databaseUrl }: ServiceSettings): Environment {
  if (logEnvironment.LOG !== 'postgres' || kind === 'write-side') return logEnvironment
  return { ...logEnvironment, LOG_DATABASE_URL: databaseUrl('lease', 'read') }
}

/** The variable that says where a database is. */
export function databaseVariable(name: DatabaseName): string {
  return `${name.toUpperCase()}_DATABASE_URL`
}

function neededEnvironment(need: ServiceNeed, { name, kind }: ServiceRow, settings: ServiceSettings): Environment {
  switch (need) {
    case 'log':
      return logEnvironmentOf(kind, settings)
    case 'leases':
      return { [databaseVariable('lease')]: settings.databaseUrl('lease', 'read') }
    case 'cursor-secret':
      return { CURSOR_SECRET: settings.installation.cursorKey }
    case 'client':
      return { OIDC_CLIENT_ID: 'gateway', OIDC_CLIENT_SECRET: developmentSecret }
    case 'state-directory': {
      // The issuer's key is not of one log.
      const directory = kind === 'issuer' ? [] : ['state', settings.store]
      return { STATE_DIRECTORY: join(settings.home, ...directory, name) }
    }
  }
}

/** What one service alone is told. */
function ownEnvironment(
  { kind }: ServiceRow,
  placed: readonly PlacedService[],
  { home, installation, instance, uiDirectory, alertmanagerUrl }: ServiceSettings,
): Environment {
  if (kind === 'issuer') return { GATEWAY_URL: urlOf(placed, 'gateway'), INSTANCE_ID: instance }
  if (kind === 'write-side') {
    return {
      LEDGER_ID: installation.ledgerId,
      // The same after a crash: the lease is still its own then, so it goes on at once.
      WORKER_ID: 'local',
      REQUEST_HASH_KEY: installation.requestHashKey,
      // Every service is of this one checkout, so all of them read what it writes.
      WRITE_GENERATION: String(EVENT_GENERATION),
    }
  }
  if (kind !== 'gateway') return {}
  return {
    SECURITY_LOG_FILE: join(home, 'logs', 'security.jsonl'),
    PUBLIC_URL: urlOf(placed, 'gateway'),
    SESSION_SECRET: installation.sessionKey,
    UI_DIRECTORY: uiDirectory,
    ...(alertmanagerUrl === undefined ? {} : { ALERTMANAGER_URL: alertmanagerUrl }),
    ...upstreams(placed),
  }
}

/** Where the gateway finds the others: <NAME>_URL, and the projections by the name of what they fill. */
function upstreams(placed: readonly PlacedService[]): Environment {
  const asked = placed.filter(({ kind }) => kind === 'write-side' || kind === 'read-side')
  const projections = placed.filter(({ kind }) => kind === 'projection')
  return {
    ...Object.fromEntries(asked.map(({ name, url }) => [`${name.toUpperCase().replaceAll('-', '_')}_URL`, url])),
    PROJECTIONS_URLS: projections.map(({ database, url }) => `${database}=${url}`).join(','),
  }
}
