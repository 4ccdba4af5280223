import { execFileSync } from 'node:child_process'
import { readFile, rm } from 'node:fs/promises'
import { systemClock } from '@micropay/runtime/clock'

const patienceMs = 15_000
const stepMs = 50

/**
 * Clears what an earlier server left: one that is still ending is waited for, and a pid file whose process is gone (or
 * whose number now belongs to another program, as happens in containers) is removed; throws when a server goes on
 * running on `directory`.
 */
export async function waitForEarlierServer(pidFile: string, directory: string): Promise<void> {
  for (let waitedMs = 0; ; waitedMs += stepMs) {
    const text = await readFile(pidFile, 'utf8').catch(() => undefined)
    if (text === undefined) return
    const pid = Number.parseInt(text, 10)
    if (!(pid > 1) || !(await commandLine(pid)).includes(directory)) break
    if (waitedMs >= patienceMs) {
      throw new Error(
        `Another server (process ${pid}) is running on ${directory}. Stop the other "npx pnpm@12 start", or that process.`,
      )
    }
    await systemClock.sleep(stepMs)
  }
  await rm(pidFile, { force: true })
}

async function commandLine(pid: number): Promise<string> {
  if (process.platform === 'linux') return readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
  if (process.platform === 'win32') return ''
  try {
    return execFileSync('ps', ['-p', String(pid), '-o', 'command='], { encoding: 'utf8' })
  } catch {
    return ''
  }
}
