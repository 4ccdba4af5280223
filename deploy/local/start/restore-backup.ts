import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { StartAll } from './start-options.ts'

export type Restoring = Pick<StartAll, 'repositoryRoot' | 'home' | 'inherited' | 'say'> & {
  readonly folder: string
  /** Nothing was acknowledged behind the backup. */
  readonly isComplete: boolean
  readonly ledgerId: string
  readonly logEnvironment: Readonly<Record<string, string>>
  readonly stateDirectories: readonly string[]
  readonly readModels: Readonly<Record<string, string>>
  readonly leases: string
}

/** In the state directory from before a restore until it has succeeded: a part of a ledger must not be served. */
export const RESTORING = 'restoring'

/** With which `micropay restore` ends where it has written nothing. */
const REFUSED = 3

/** Throws an Error where a restore was broken off there. */
export function refuseBrokenOff(home: string): void {
  if (!existsSync(join(home, RESTORING))) return
  throw new Error(
    `a backup was to be restored in ${home}, and that was broken off or failed: what is there is no whole ledger. ` +
      `Move its stores away (all in it but installation.json, ${RESTORING} too), and start --restore again`,
  )
}

/** Puts a backup into the log that nobody serves yet, by `micropay restore`. Throws an Error where it is not taken. */
export async function restoreBackup(restoring: Restoring): Promise<void> {
  const { repositoryRoot, home, inherited, folder, isComplete, ledgerId, logEnvironment, say } = restoring
  const models = Object.entries(restoring.readModels)
  const env = {
    ...{ ...inherited, ...logEnvironment, LEDGER_ID: ledgerId, MICROPAY_HOME: home },
    ...Object.fromEntries(models.map(([name, url]) => [`${name.toUpperCase()}_DATABASE_URL`, url])),
    LEASE_DATABASE_URL: restoring.leases,
  }
  const acting = ['--actor', 'start --restore', '--reason', `restored from ${folder}`]
  const states = restoring.stateDirectories.flatMap((directory) => ['--state', directory])
  const program = join(repositoryRoot, 'deploy/cli/main.ts')
  const args = [program, 'restore', folder, ...(isComplete ? ['--complete'] : acting), ...states]
  await mkdir(home, { recursive: true })
  await writeFile(join(home, RESTORING), `${folder}\n`, { mode: 0o600 })
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  for (const output of [child.stdout, child.stderr]) {
    createInterface({ input: output }).on('line', (line) => say(`  ${line}`))
  }
  const [code] = await once(child, 'close')
  // It is all there, or nothing was written.
  if (code === 0 || code === REFUSED) await rm(join(home, RESTORING))
  if (code === 0) return
  const why = isComplete ? 'it is not taken, or not all that there was' : 'it is not taken'
  throw new Error(`the backup in ${folder} was to be restored, and ${why} (above): no service was started`)
}
