import { readdirSync, readFileSync } from 'node:fs'

/** A process of /proc/PID/stat: its parent, its name, and its CPU time with that of its children that have ended. */
export type ProcessStat = {
  readonly pid: number
  readonly parent: number
  readonly command: string
  readonly cpuMicros: number
}

/** A tick of USER_HZ, which is 100 a second on every machine that Node runs on: sysconf(3), proc_pid_stat(5). */
const MICROS_A_TICK = 10_000

/**
 * The CPU time in µs that each of the processes named has taken so far, its children's with it; undefined where there
 * is no /proc. Throws when one of them is gone: what it took is not known.
 */
export function cpuTimes(pids: Readonly<Record<string, number>>): Readonly<Record<string, number>> | undefined {
  if (process.platform !== 'linux') return undefined
  const all = allProcesses()
  const timeOf = ([name, pid]: [string, number]) => [name, cpuOfTree(all, pid, name)] as const
  return Object.fromEntries(Object.entries(pids).map(timeOf))
}

export function allProcesses(): ProcessStat[] {
  return readdirSync('/proc')
    .filter((name) => /^[0-9]+$/.test(name))
    .flatMap((name) => {
      try {
        return [parseStat(readFileSync(`/proc/${name}/stat`, 'utf8'))]
      } catch {
        // It ended since the folder was listed.
        return []
      }
    })
}

/** The command stands in brackets and may hold anything, brackets and line breaks too: the last one ends it. */
export function parseStat(text: string): ProcessStat {
  const [open, close] = [text.indexOf('('), text.lastIndexOf(')')]
  const fields = text.slice(close + 2).split(' ')
  // From the third field on; utime, stime, cutime and cstime are the 14th to 17th.
  const ticks = fields.slice(11, 15).map(Number)
  const [pid, parent, sum] = [Number(text.slice(0, open)), Number(fields[1]), ticks.reduce((a, b) => a + b, 0)]
  if (open < 0 || ticks.length < 4 || !Number.isInteger(pid + parent + sum)) {
    throw new Error(`not a line of /proc/PID/stat: ${text.slice(0, 200)}`)
  }
  return { pid, parent, command: text.slice(open + 1, close), cpuMicros: sum * MICROS_A_TICK }
}

/** A process and all that descend from it. */
export function treeOf(all: readonly ProcessStat[], pid: number): ProcessStat[] {
  const root = all.filter((one) => one.pid === pid)
  const children = all.filter((one) => one.parent === pid).flatMap((one) => treeOf(all, one.pid))
  return [...root, ...children]
}

/** A child that has ended is counted by its parent, so that the sum over a tree never falls. */
export function cpuOfTree(all: readonly ProcessStat[], pid: number, name: string): number {
  if (!all.some((one) => one.pid === pid)) throw new Error(`${name} (process ${pid}) has ended`)
  return treeOf(all, pid).reduce((sum, one) => sum + one.cpuMicros, 0)
}

/** What each took between two readings, shared among so many payments. */
export function cpuEach(
  before: Readonly<Record<string, number>>,
  after: Readonly<Record<string, number>>,
  payments: number,
): Readonly<Record<string, number>> {
  const taken = ([name, micros]: [string, number]) => [name, (micros - (before[name] ?? 0)) / payments] as const
  return Object.fromEntries(Object.entries(after).map(taken))
}
