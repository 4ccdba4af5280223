import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { systemClock } from '@micropay/runtime/clock'

export type GuardedProcess = {
  pid: number | undefined
  /** Settles when the process has ended, with what it said last. */
  exited: Promise<{ code: number | null; lastLines: string[] }>
  /** Settles with the first line that holds `text`; rejects with the last lines when the process ends before. */
  saidLine(text: string): Promise<string>
  /** Ends the process in order, or by force after 20 seconds. */
  stop(): Promise<void>
  /** kill -9, for fault tests and for giving up. */
  kill(): Promise<void>
}

export type GuardedCommand = {
  command: string
  args: string[]
  /** The signal by which the program stops in order. */
  stopSignal: 'INT' | 'TERM'
  environment?: Record<string, string | undefined>
  user?: { uid: number; gid: number }
  log?: ((line: string) => void) | undefined
}

const keptLines = 60
const stopPatienceMs = 20_000

/** The guard holds a pipe from us: when it closes, however we ended, the program is told to stop. */
const guard = `
signal=$1; shift; exec 3<&0
"$@" </dev/null & program=$!
(cat <&3 >/dev/null; kill -s "$signal" "$program") 2>/dev/null &
wait "$program"`

/**
 * Starts a server process that never outlives this one: not on Ctrl-C, not on SIGTERM, not on kill -9.
 * It runs in a process group of its own, so that Ctrl-C in the terminal reaches us alone and we stop it in order.
 */
export function startGuarded({ command, args, stopSignal, environment, user, log }: GuardedCommand): GuardedProcess {
  const windows = process.platform === 'win32'
  const child = windows
    ? spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], env: environment })
    : spawn('/bin/sh', ['-c', guard, 'guard', stopSignal, command, ...args], {
        stdio: ['pipe', 'pipe', 'pipe'],
        detached: true,
        env: environment,
        cwd: '/',
        ...user,
      })
  const { lastLines, saidLine } = readLines(child, log)
  child.stdin.on('error', () => undefined)

  const exited = new Promise<{ code: number | null; lastLines: string[] }>((resolve, reject) => {
    child.once('error', (cause) => reject(new Error(`${command} could not be started: ${cause.message}`, { cause })))
    child.once('close', (code) => resolve({ code, lastLines }))
  })
  exited.catch(() => undefined)

  const kill = async () => {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
      if (windows) child.kill('SIGKILL')
      else process.kill(-child.pid, 'SIGKILL')
    }
    await exited.catch(() => undefined)
  }
  return {
    pid: child.pid,
    exited,
    saidLine: (text) => saidLine(text, exited),
    stop: async () => {
      if (windows) child.kill()
      child.stdin.end()
      const ended = new AbortController()
      systemClock.sleep(stopPatienceMs, ended.signal).then((tooLong) => (tooLong ? kill() : undefined))
      await exited.catch(() => undefined)
      ended.abort()
    },
    kill,
  }
}

function readLines(child: ChildProcess, log: ((line: string) => void) | undefined) {
  const lastLines: string[] = []
  const listeners = new Set<(line: string) => void>()
  for (const stream of [child.stdout, child.stderr]) {
    if (!stream) continue
    createInterface({ input: stream }).on('line', (line) => {
      lastLines.push(line)
      if (lastLines.length > keptLines) lastLines.shift()
      log?.(line)
      for (const listener of listeners) listener(line)
    })
  }
  const saidLine = (text: string, exited: GuardedProcess['exited']) =>
    new Promise<string>((resolve, reject) => {
      const listener = (line: string) => {
        if (!line.includes(text)) return
        listeners.delete(listener)
        resolve(line)
      }
      listeners.add(listener)
      exited.then(({ code }) => reject(new ProcessEnded(code, lastLines)), reject)
    })
  return { lastLines, saidLine }
}

/** A server process ended before it was ready; `lastLines` says why. */
export class ProcessEnded extends Error {
  readonly lastLines: string[]
  constructor(code: number | null, lastLines: string[]) {
    super(`the process ended with code ${code}:\n${lastLines.join('\n')}`)
    this.lastLines = lastLines
  }
}
