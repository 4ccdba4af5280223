import { readFileSync } from 'node:fs'

/** Whether a process of that number is there and, where that can be seen, is a `start`: numbers are given again. */
export function isStart(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'EPERM')) return false
  }
  if (process.platform !== 'linux') return true
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('start.ts')
  } catch {
    return false
  }
}
