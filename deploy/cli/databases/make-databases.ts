import { systemClock } from '@micropay/runtime/clock'
import type { Logger } from '@micropay/runtime/logger'
import { type Client, onDatabase, run } from './on-database.ts'
import { prepareDatabase } from './prepare-database.ts'
import type { Role, WantedDatabase } from './purposes.ts'

/**
 * Makes what is missing of these databases, roles, tables and rights, and takes over what stands there of before. One
 * at a time on a server; whoever comes meanwhile waits. Throws an Error when the server does not answer, or the role of
 * `adminUrl` may not do it.
 */
export async function makeDatabases(
  adminUrl: string,
  wanted: readonly WantedDatabase[],
  log: Pick<Logger, 'info' | 'warn'>,
): Promise<void> {
  await onDatabase(adminUrl, async (client) => {
    // Of the session: it ends with this connection, whatever becomes of this process.
    await client.query(`select pg_advisory_lock(hashtextextended('micropay databases', 0))`)
    const ours = wanted.flatMap(({ owner, roles }) => [owner, ...roles.map(({ name }) => name)])
    for (const database of wanted) {
      for (const role of database.roles) await makeRole(client, role, ours)
      await makeDatabase(client, database)
      const url = new URL(adminUrl)
      url.pathname = `/${encodeURIComponent(database.name)}`
      await whileLocked(() => onDatabase(url.href, (inside) => prepareDatabase(inside, database, log)), log)
    }
  })
}

/**
 * A changed password is taken over, and rights of the whole server are none of a service's, nor those of another role
 * of `ours`, which it would have beside its own.
 */
async function makeRole(client: Client, { name, password }: Role, ours: readonly string[]): Promise<void> {
  const { rows } = await client.query<{ may_all: boolean; is_me: boolean }>(
    `select rolsuper or rolcreaterole or rolcreatedb or rolbypassrls or rolreplication as may_all,
      rolname = current_user as is_me from pg_roles where rolname = $1`,
    [name],
  )
  const [before] = rows
  if (before?.is_me || before?.may_all) {
    throw new Error(`the role ${name} has rights on the whole server: name one of its own for the service`)
  }
  const others = await client.query<{ name: string }>(othersRights, [name, [...ours, ...ofAllData]])
  const [other] = others.rows
  if (other) {
    throw new Error(`the role ${name} has the rights of ${other.name}, too: revoke ${other.name} from ${name}`)
  }
  if (!before) await run(client, 'create role %I login', name)
  await run(client, 'alter role %I login password %L', name, password)
}

/** Roles of PostgreSQL that reach into every database, or out of the server. */
const ofAllData = [
  ...['pg_read_all_data', 'pg_write_all_data', 'pg_maintain'],
  ...['pg_execute_server_program', 'pg_read_server_files', 'pg_write_server_files'],
]
const othersRights = `
  select other.rolname as name from pg_roles as role, pg_roles as other
  where role.rolname = $1 and other.oid <> role.oid and pg_has_role(role.oid, other.oid, 'member')
    and (other.rolname = any($2) or other.rolsuper or other.rolcreaterole or other.rolbypassrls)
  order by name limit 1`

/** Who owns it owns what no service may change, and nobody signs in as that role where it is made here. */
async function makeDatabase(client: Client, { name, owner, roles }: WantedDatabase): Promise<void> {
  const found = await client.query<{ owner: boolean; database: boolean; owned: boolean }>(
    `select exists (select from pg_roles where rolname = $2) as owner,
      exists (select from pg_database where datname = $1) as database,
      exists (
        select from pg_database join pg_roles on pg_roles.oid = datdba where datname = $1 and rolname = $2
      ) as owned`,
    [name, owner],
  )
  const [there] = found.rows
  if (!there?.owner) await run(client, 'create role %I nologin', owner)
  if (!there?.database) await run(client, 'create database %I owner %I', name, owner)
  else if (!there.owned) await run(client, 'alter database %I owner to %I', name, owner)
  await run(client, 'revoke all on database %I from public', name)
  for (const { name: role, purposes } of roles) {
    await run(client, 'revoke all on database %I from %I', name, role)
    const isBuilding = purposes.includes('build')
    await run(client, `grant connect${isBuilding ? ', create' : ''} on database %I to %I`, name, role)
    // Code of before runs as the owner, and goes on with what was built meanwhile.
    if (isBuilding) await run(client, 'grant %I to %I', role, owner)
  }
}

const TRIES = 20
/** SQLSTATE lock_not_available, deadlock_detected, and a table or schema that was dropped meanwhile. */
const passing = new Set(['55P03', '40P01', 'XX000', '42P01', '3F000'])

/** Services that run hold locks for moments, and may drop an old version of a read model just then. */
async function whileLocked(work: () => Promise<void>, log: Pick<Logger, 'warn'>): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work()
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : ''
      if (tries === TRIES || !passing.has(code)) throw error
      log.warn({ err: error }, 'a service that runs is in the way: once more')
      await systemClock.sleep(500)
    }
  }
}
