import { rmSync } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isStart } from '../start-process.ts'

/**
 * Keeps a second `start` out of the same state directory; throws an Error that names the first. Frees it when this
 * process ends.
 */
export async function lockHome(home: string): Promise<void> {
  await mkdir(home, { recursive: true })
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

/** The process that holds the lock, unless it has ended (its number may belong to another program by now). */
async function holderOf(path: string): Promise<number | undefined> {
  const pid = Number.parseInt(await readFile(path, 'utf8').catch(() => ''), 10)
  return pid > 1 && pid !== process.pid && isStart(pid) ? pid : undefined
}
