import { ConfigError } from '@micropay/runtime/config'

/**
 * What the role of an address is for. A service is given addresses and so roles, and may do nothing but what it needs:
 * none of them owns a table, but for `build`, whose tables hold nothing that the log does not.
 */
export type Purpose = 'own leases' | 'tell workers' | 'write log' | 'read log' | ModelPurpose
type ModelPurpose = 'build' | 'fill' | 'read' | 'audit'

/** Each address, by the variable that this program is given it as, and which service is given it as which one. */
export const purposes: Readonly<Record<string, Purpose>> = {
  LEASE_DATABASE_URL: 'own leases',
  LEASE_TELL_DATABASE_URL: 'tell workers',
  LOG_DATABASE_URL: 'write log',
  LOG_READ_DATABASE_URL: 'read log',
  ACCOUNTS_BUILD_DATABASE_URL: 'build',
  ACCOUNTS_DATABASE_URL: 'fill',
  ACCOUNTS_READ_DATABASE_URL: 'read',
  RECONCILIATION_BUILD_DATABASE_URL: 'build',
  RECONCILIATION_DATABASE_URL: 'fill',
  RECONCILIATION_READ_DATABASE_URL: 'read',
  AUDIT_BUILD_DATABASE_URL: 'build',
  AUDIT_DATABASE_URL: 'fill',
  AUDIT_READ_DATABASE_URL: 'audit',
}

export type Role = { readonly name: string; readonly password: string; readonly purposes: readonly Purpose[] }

/** A database, the role that owns what no service may change, and those that services run as. */
export type WantedDatabase = { readonly name: string; readonly owner: string; readonly roles: readonly Role[] }

/**
 * The databases that these addresses name. Throws ConfigError for an address that names no role, password or database,
 * for a role that is to own what it runs on, and for a read model that nobody may build.
 */
export function databasesIn(environment: NodeJS.ProcessEnv): readonly WantedDatabase[] {
  const found = new Map<string, Map<string, Role>>()
  for (const [variable, purpose] of Object.entries(purposes)) {
    const address = environment[variable]
    if (!address) continue
    const { database, name, password } = partsOf(variable, address)
    const roles = found.get(database) ?? new Map<string, Role>()
    const before = roles.get(name)
    if (before && before.password !== password) {
      throw new ConfigError(`${variable}: the role ${name} has another password here than in an address before it`)
    }
    found.set(database, roles.set(name, { name, password, purposes: [...(before?.purposes ?? []), purpose] }))
  }
  if (found.size === 0) {
    throw new ConfigError(`no database is named: set at least one of ${Object.keys(purposes).join(', ')}`)
  }
  return [...found].map(([name, roles]) => {
    checkBuilder(name, [...roles.values()])
    return { name, owner: ownerOf(name, roles), roles: [...roles.values()] }
  })
}

/** Whoever reads or fills a read model has rights on what its builder makes. */
function checkBuilder(database: string, roles: readonly Role[]): void {
  const builders = roles.filter((role) => role.purposes.includes('build'))
  const others = roles.filter((role) => role.purposes.some((purpose) => ofModel.has(purpose)))
  if (builders.length === 1 || (builders.length === 0 && others.length === 0)) return
  throw new ConfigError(`one role builds the read model in ${database}: set its *_BUILD_DATABASE_URL, and one alone`)
}

const ofModel: ReadonlySet<Purpose> = new Set(['fill', 'read', 'audit'])

/** Before roles were split, Compose had one role a database, of its name: that one owns it all already. */
function ownerOf(database: string, roles: ReadonlyMap<string, Role>): string {
  if (!roles.has(database)) return database
  throw new ConfigError(
    `the role ${database} owns the database of its name, so no service runs as it: name another role in the address`,
  )
}

function partsOf(variable: string, address: string) {
  const url = URL.parse(address)
  const isPostgres = url?.protocol === 'postgres:' || url?.protocol === 'postgresql:'
  const [name, password, database] = [url?.username, url?.password, url?.pathname.slice(1)].map((part) =>
    decodeURIComponent(part ?? ''),
  )
  if (isPostgres && name && password && database) return { name, password, database }
  throw new ConfigError(`${variable}: must be postgres://role:password@host/database, with all of these`)
}
