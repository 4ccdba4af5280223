/**
 * A process of MicroPay: what `start`, the checks of the images, docker-compose.yml and docs/deployment.md say of it
 * follows from its row.
 */
export type ServiceRow = {
  /** One name everywhere: in Compose, of its log file, in what `start` says. */
  readonly name: string
  readonly kind: 'issuer' | 'write-side' | 'projection' | 'read-side' | 'gateway'
  /** Its own main.ts, from the root of the repository: the one that production runs. */
  readonly main: string
  /** Where `start` has it listen, unless that is taken. */
  readonly port: number
  /** The database that it writes, or that its projection writes for it: <DATABASE>_DATABASE_URL. */
  readonly database?: DatabaseName
  /** What it asks for besides, in its environment. */
  readonly needs: readonly ServiceNeed[]
}

/** `lease` says who owns a partition; the others are read models, each of one projection. */
export type DatabaseName = 'lease' | 'accounts' | 'reconciliation' | 'audit'

/**
 * The event log (LOG and its variables), the leases of those who write to it (LEASE_DATABASE_URL), CURSOR_SECRET,
 * STATE_DIRECTORY, and the gateway's client at the issuer.
 */
export type ServiceNeed = 'log' | 'leases' | 'cursor-secret' | 'state-directory' | 'client'

/** In the order in which they are started. The gateway is the first that is stopped, and then all others at once. */
export const serviceTable = [
  {
    name: 'issuer',
    kind: 'issuer',
    main: 'deploy/local/issuer/issuer-main.ts',
    port: 8090,
    needs: ['state-directory', 'client'],
  },
  {
    name: 'write-side',
    kind: 'write-side',
    main: 'write-side/main.ts',
    port: 8081,
    database: 'lease',
    needs: ['log', 'state-directory'],
  },
  {
    name: 'accounts-projection',
    kind: 'projection',
    main: 'projections/accounts/main.ts',
    port: 8082,
    database: 'accounts',
    needs: ['log', 'leases'],
  },
  {
    name: 'accounts',
    kind: 'read-side',
    main: 'read-side/accounts/main.ts',
    port: 8083,
    database: 'accounts',
    needs: ['cursor-secret'],
  },
  {
    name: 'audit-projection',
    kind: 'projection',
    main: 'projections/audit/main.ts',
    port: 8086,
    database: 'audit',
    needs: ['log', 'leases'],
  },
  {
    name: 'audit',
    kind: 'read-side',
    main: 'read-side/audit/main.ts',
    port: 8087,
    database: 'audit',
    needs: ['log', 'cursor-secret'],
  },
  {
    name: 'reconciliation-projection',
    kind: 'projection',
    main: 'projections/reconciliation/main.ts',
    port: 8084,
    database: 'reconciliation',
    needs: ['log', 'leases'],
  },
  {
    name: 'reconciliation',
    kind: 'read-side',
    main: 'read-side/reconciliation/main.ts',
    port: 8085,
    database: 'reconciliation',
    needs: ['cursor-secret'],
  },
  {
    name: 'gateway',
    kind: 'gateway',
    main: 'gateway/main.ts',
    port: 8080,
    needs: ['client'],
  },
] as const satisfies readonly ServiceRow[]

export type ServiceName = (typeof serviceTable)[number]['name']

/** The databases of the table, each once. */
export function databasesOf(table: readonly ServiceRow[]): readonly DatabaseName[] {
  return [...new Set(table.flatMap(({ database }) => (database === undefined ? [] : [database])))]
}
