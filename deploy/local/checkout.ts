import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Notes what is to be undone at the end. */
type Defer = (undo: () => Promise<unknown>) => void

export type Commit = { readonly hash: string; readonly title: string }

/** The commit that a revision names; undefined when it names none of this repository. */
export async function commitOf(repository: string, revision: string): Promise<Commit | undefined> {
  const named = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`]
  const hash = await git(repository, named).catch(() => undefined)
  if (!hash) return undefined
  return { hash: hash.slice(0, 10), title: await git(repository, ['log', '-1', '--format=%s', hash]) }
}

/** When it was made, in seconds since 1970. */
export async function timeOf(repository: string, { hash }: Commit): Promise<number> {
  return Number(await git(repository, ['log', '-1', '--format=%ct', hash]))
}

/** How many files of the checkout are not as they were committed. */
export async function countChanges(repository: string): Promise<number> {
  const listed = await git(repository, ['status', '--porcelain'])
  return listed === '' ? 0 : listed.split('\n').length
}

/**
 * Checks a commit out in a temporary folder, outside of this checkout so that no module of ours stands in for one of
 * its own, and installs what its lock file names. The folder and git's note of it are removed in the end.
 */
export async function checkOut(repository: string, { hash }: Commit, defer: Defer): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'micropay-base-'))
  defer(async () => {
    // What git does not know as a work tree yet, it does not remove.
    await git(repository, ['worktree', 'remove', '--force', '--force', directory]).catch(() => undefined)
    await rm(directory, { recursive: true, force: true })
  })
  await git(repository, ['worktree', 'add', '--force', '--detach', directory, hash])
  const { command, args, shell } = pnpmCommand(process.env, process.platform)
  const install = [...args, 'install', '--frozen-lockfile', '--prefer-offline']
  await run(command, install, { cwd: directory, shell, maxBuffer: 64 << 20 }).catch((cause) => {
    const said = String(cause.stdout ?? '').slice(-2_000)
    throw new Error(`the dependencies of ${hash} could not be installed:\n${said}`, { cause })
  })
  return directory
}

type Command = { readonly command: string; readonly args: readonly string[]; readonly shell: boolean }

/** The pnpm that runs this script, so that no registry is asked for it again; by npx when there is none. */
export function pnpmCommand(environment: Readonly<Record<string, string | undefined>>, platform: string): Command {
  const path = environment.npm_execpath
  if (!path || !environment.npm_config_user_agent?.startsWith('pnpm/')) {
    // npx is a script on Windows, which only a shell starts.
    return { command: 'npx', args: ['--yes', '--prefer-offline', 'pnpm@12'], shell: platform === 'win32' }
  }
  return /\.[cm]?js$/.test(path)
    ? { command: process.execPath, args: [path], shell: false }
    : { command: path, args: [], shell: false }
}

async function git(repository: string, args: readonly string[]): Promise<string> {
  const { stdout } = await run('git', ['-C', repository, ...args], { maxBuffer: 64 << 20 })
  return stdout.trim()
}
