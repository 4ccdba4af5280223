import { join } from 'node:path'
import { developmentSecret } from '../issuer/personas.ts'
import type { Installation } from './installation.ts'
import type { ServiceDefinition } from './supervise.ts'

export type ServiceName =
  | 'issuer'
  | 'write-side'
  | 'projections'
  | 'accounts'
  | 'audit-index'
  | 'audit'
  | 'ledger-books'
  | 'reconciliation'
  | 'gateway'
export type ServicePorts = Readonly<Record<ServiceName, number>>

export type ServiceSettings = {
  readonly repositoryRoot: string
  readonly home: string
  /** Which log's state, leases and read models: see storeName. */
  readonly store: string
  readonly ports: ServicePorts
  readonly installation: Installation
  readonly logLevel: string
  /** LOG and the variables that go with it. */
  readonly logEnvironment: Readonly<Record<string, string>>
  readonly leaseDatabaseUrl: string
  readonly accountsDatabaseUrl: string
  readonly auditDatabaseUrl: string
  readonly reconciliationDatabaseUrl: string
  readonly uiDirectory: string
  /** What the services inherit: PATH and the like. */
  readonly inherited: Readonly<Record<string, string | undefined>>
}

const host = '127.0.0.1'
export const urlOf = (port: number) => `http://${host}:${port}`

/** Every service with the environment that its main.ts asks for. */
export function serviceDefinitions(settings: ServiceSettings): Readonly<Record<ServiceName, ServiceDefinition>> {
  const { repositoryRoot, ports, installation, logEnvironment } = settings
  const issuer = urlOf(ports.issuer)
  const define = (name: ServiceName, main: string, own: Record<string, string>): ServiceDefinition => ({
    name,
    main: join(repositoryRoot, main),
    readyUrl: name === 'issuer' ? `${issuer}/.well-known/openid-configuration` : `${urlOf(ports[name])}/health/ready`,
    environment: {
      // Compiled code is kept for the next start, which is a second faster for it.
      NODE_COMPILE_CACHE: join(repositoryRoot, '.cache', 'node'),
      ...settings.inherited,
      ...{ PORT: String(ports[name]), HOST: host, LOG_LEVEL: settings.logLevel },
      ...{ OIDC_ISSUER: issuer, OIDC_AUDIENCE: 'micropay', PARTITIONS: '1' },
      ...own,
    },
  })
  const stateOf = (service: string) => join(settings.home, 'state', settings.store, service)
  return {
    issuer: define('issuer', 'deploy/local/issuer/issuer-main.ts', {
      GATEWAY_URL: urlOf(ports.gateway),
      STATE_DIRECTORY: join(settings.home, 'issuer'),
      OIDC_CLIENT_ID: 'gateway',
      OIDC_CLIENT_SECRET: developmentSecret,
    }),
    'write-side': define('write-side', 'write-side/main.ts', {
      ...logEnvironment,
      LEASE_DATABASE_URL: settings.leaseDatabaseUrl,
      STATE_DIRECTORY: stateOf('write-side'),
      LEDGER_ID: 'local',
      // The same after a crash: the lease is still its own then, so it goes on at once.
      WORKER_ID: 'local',
      REQUEST_HASH_KEY: installation.requestHashKey,
    }),
    projections: define('projections', 'projections/accounts/main.ts', {
      ...logEnvironment,
      ACCOUNTS_DATABASE_URL: settings.accountsDatabaseUrl,
    }),
    accounts: define('accounts', 'read-side/accounts/main.ts', {
      ACCOUNTS_DATABASE_URL: settings.accountsDatabaseUrl,
      CURSOR_SECRET: installation.cursorKey,
    }),
    'audit-index': define('audit-index', 'projections/audit/main.ts', {
      ...logEnvironment,
      AUDIT_DATABASE_URL: settings.auditDatabaseUrl,
    }),
    audit: define('audit', 'read-side/audit/main.ts', {
      ...logEnvironment,
      AUDIT_DATABASE_URL: settings.auditDatabaseUrl,
      CURSOR_SECRET: installation.cursorKey,
    }),
    'ledger-books': define('ledger-books', 'projections/reconciliation/main.ts', {
      ...logEnvironment,
      RECONCILIATION_DATABASE_URL: settings.reconciliationDatabaseUrl,
    }),
    reconciliation: define('reconciliation', 'read-side/reconciliation/main.ts', {
      RECONCILIATION_DATABASE_URL: settings.reconciliationDatabaseUrl,
      CURSOR_SECRET: installation.cursorKey,
    }),
    gateway: define('gateway', 'gateway/main.ts', {
      PUBLIC_URL: urlOf(ports.gateway),
      WRITE_SIDE_URL: urlOf(ports['write-side']),
      ACCOUNTS_URL: urlOf(ports.accounts),
      AUDIT_URL: urlOf(ports.audit),
      RECONCILIATION_URL: urlOf(ports.reconciliation),
      PROJECTIONS_URLS: [
        `accounts=${urlOf(ports.projections)}`,
        `audit=${urlOf(ports['audit-index'])}`,
        `reconciliation=${urlOf(ports['ledger-books'])}`,
      ].join(','),
      OIDC_CLIENT_ID: 'gateway',
      OIDC_CLIENT_SECRET: developmentSecret,
      SESSION_SECRET: installation.sessionKey,
      UI_DIRECTORY: settings.uiDirectory,
    }),
  }
}
