import { execFile } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Postgres } from '../stores/postgres.ts'
import type { DatabaseName } from './service-table.ts'

/**
 * What of a database a service is given: `run` to work with its rows, `read` to read what others wrote, and `build` to
 * make the tables of a read model and to drop them.
 */
export type DatabaseRole = 'run' | 'read' | 'build'

/** A service's address of a database, whose role has a password that follows from the server's own secret. */
export function roleUrl(postgres: Pick<Postgres, 'url'>, database: string, role: DatabaseRole): string {
  const url = new URL(postgres.url(database))
  const name = `${database}_${role}`
  const password = createHmac('sha256', url.password).update(name).digest('base64url')
  return Object.assign(url, { username: name, password }).href
}

type Making = {
  readonly repositoryRoot: string
  readonly inherited: Readonly<Record<string, string | undefined>>
  readonly isLogInPostgres: boolean
  databaseUrl(name: DatabaseName, role: DatabaseRole): string
}

/** Makes the databases, roles and tables by the program that Compose runs, too; throws an Error with what it said. */
export async function makeDatabases(postgres: Pick<Postgres, 'url'>, making: Making): Promise<void> {
  const { repositoryRoot, inherited, isLogInPostgres, databaseUrl } = making
  const log = { LOG_DATABASE_URL: databaseUrl('lease', 'run'), LOG_READ_DATABASE_URL: databaseUrl('lease', 'read') }
  const models = (['accounts', 'reconciliation', 'audit'] as const).flatMap((name) => {
    const prefix = name.toUpperCase()
    return [
      [`${prefix}_BUILD_DATABASE_URL`, databaseUrl(name, 'build')],
      [`${prefix}_DATABASE_URL`, databaseUrl(name, 'run')],
      [`${prefix}_READ_DATABASE_URL`, databaseUrl(name, 'read')],
    ] as const
  })
  const env = {
    NODE_COMPILE_CACHE: join(repositoryRoot, '.cache', 'node'),
    ...{ ...inherited, LOG_LEVEL: 'info', ADMIN_DATABASE_URL: postgres.url('postgres') },
    ...{ LEASE_DATABASE_URL: databaseUrl('lease', 'run'), LEASE_TELL_DATABASE_URL: databaseUrl('lease', 'read') },
    ...(isLogInPostgres ? log : { LOG_DATABASE_URL: '', LOG_READ_DATABASE_URL: '' }),
    ...Object.fromEntries(models),
  }
  const program = join(repositoryRoot, 'deploy/cli/databases/main.ts')
  await promisify(execFile)(process.execPath, [program], { env, timeout: WITHIN_MS }).catch((cause: unknown) => {
    const said = cause instanceof Error && 'stdout' in cause ? String(cause.stdout) : ''
    throw new Error(`the databases and their roles could not be made: ${said || String(cause)}`, { cause })
  })
}

/** A table of accesses with many rows is rewritten once. */
const WITHIN_MS = 3_600_000
