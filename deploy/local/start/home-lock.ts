import { existsSync, rmSync } from 'node:fs'
import { chmod, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isStart } from '../start-process.ts'

/**
 * Keeps a second `start` out of the same state directory; throws an Error that names the first. Frees it when this
 * process ends.
 */
export async function lockHome(home: string): Promise<void> {
  const made = await mkdir(home, { recursive: true })
  if (made !== undefined || existsSync(join(home, 'installation.json'))) await closeHome(home)
  const path = join(home, 'start.pid')
  for (;;) {
    const taken = await writeFile(path, `${process.pid}\n`, { flag: 'wx' }).then(
      () => false,
      (cause: unknown) => {
        if (cause instanceof Error && 'code' in cause && cause.code === 'EEXIST') return true
        throw cause
      },
    )
    if (!taken) break
    const holder = await holderOf(path)
    if (holder !== undefined) {
      throw new Error(
        `MicroPay is running already on ${home} (process ${holder}). ` +
          'Stop it with Ctrl-C there, or set MICROPAY_HOME and PORT to run another.',
      )
    }
    await rm(path, { force: true })
  }
  process.on('exit', () => rmSync(path, { force: true }))
}

/** Nobody else looks into it; where we are root, PostgreSQL's user passes through it to its own directory. */
async function closeHome(home: string): Promise<void> {
  const { uid } = await stat(home)
  if (uid === process.getuid?.()) await chmod(home, uid === 0 ? 0o711 : 0o700)
}

/** The process that holds the lock, unless it has ended (its number may belong to another program by now). */
async function holderOf(path: string): Promise<number | undefined> {
  const pid = Number.parseInt(await readFile(path, 'utf8').catch(() => ''), 10)
  return pid > 1 && pid !== process.pid && isStart(pid) ? pid : undefined
}
