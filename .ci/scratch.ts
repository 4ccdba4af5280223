import { mkdirSync, readdirSync, rmSync, statfsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import process from 'node:process'

const memoryDisk = '/dev/shm'
const prefix = 'micropay-tests-'
/** A whole run leaves some 3 GB behind at most, and as much is asked for again for the programs themselves. */
const neededBytes = 8 * 2 ** 30
const repository = resolve(import.meta.dirname, '..')

/**
 * What every test inherits: compiled code is kept between processes, and what tests write lies in memory where there is
 * room for it, since no test cuts the power and a slow disk makes waits of a minute. By night tests use the disk. What
 * an earlier run left there when it was killed is removed; this run's goes when the process ends.
 */
export function testEnvironment(): { readonly NODE_COMPILE_CACHE: string; readonly TMPDIR?: string } {
  const shared = { NODE_COMPILE_CACHE: join(repository, '.cache', 'node') }
  if (process.env.NIGHTLY === '1' || process.env.TMPDIR || !hasRoom()) return shared
  for (const name of readdirSync(memoryDisk).filter(isLeftOver)) remove(join(memoryDisk, name))
  const directory = join(memoryDisk, `${prefix}${process.pid}`)
  mkdirSync(directory)
  process.on('exit', () => remove(directory))
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))
  return { ...shared, TMPDIR: directory }
}

function hasRoom(): boolean {
  try {
    const { bavail, bsize } = statfsSync(memoryDisk)
    return bavail * bsize >= neededBytes && process.availableMemory() >= 2 * neededBytes
  } catch {
    return false
  }
}

function isLeftOver(name: string): boolean {
  if (!name.startsWith(prefix)) return false
  try {
    process.kill(Number(name.slice(prefix.length)), 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}

function remove(directory: string): void {
  rmSync(directory, { recursive: true, force: true, maxRetries: 3 })
}
