import { type ChildProcess, spawn } from 'node:child_process'
import { openSync } from 'node:fs'
import { join } from 'node:path'
import { repositoryRoot } from '@micropay/local/running'
import { nodeFlags } from '@micropay/local/start/node-flags'
import { systemClock } from '@micropay/runtime/clock'

/** How a process of the product ended though nobody had told it to. */
export type OwnEnd = { readonly service: string; readonly how: string; readonly atMs: number }

/** A process of the product that may be killed, stopped and started, and is started again when it ends by itself. */
export type Service = {
  readonly name: string
  readonly url: string
  readonly logPath: string
  pid(): number | undefined
  /** Nothing when it runs, or is about to. */
  start(): void
  /** Starts it the next time with these variables besides. */
  setEnvironment(more: Readonly<Record<string, string>>): void
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void
  kill(): Promise<void>
  /** SIGTERM; answers how it ended and after how long, and kills it when that is not soon enough. */
  terminate(withinMs: number): Promise<{ readonly how: string; readonly tookMs: number }>
}

export type ServiceOptions = {
  readonly name: string
  readonly main: string
  readonly port: number
  readonly environment: Readonly<Record<string, string>>
  readonly logPath: string
  readonly onOwnEnd: (end: OwnEnd) => void
  /** The checkout that it is of, where that is not this one. */
  readonly root?: string
}

/** None of them outlives this process, whichever way it ends. */
const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

const startAgainAfterMs = 500

export function service({ name, main, port, environment, logPath, onOwnEnd, ...of }: ServiceOptions): Service {
  const root = of.root ?? repositoryRoot
  const output = openSync(logPath, 'a')
  let more: Readonly<Record<string, string>> = {}
  let child: ChildProcess | undefined
  let ended: Promise<string> = Promise.resolve('never started')
  let isWanted = false

  const start = () => {
    if (isWanted) return
    isWanted = true
    run()
  }
  const run = () => {
    const mine = spawn(process.execPath, [...nodeFlags, join(root, main)], {
      stdio: ['ignore', output, output, 'ipc'],
      env: { ...process.env, ...environment, ...more, PORT: String(port), HOST: '127.0.0.1' },
      cwd: root,
    })
    child = mine
    running.add(mine)
    ended = new Promise((resolve) => {
      mine.once('exit', (code, signal) => {
        running.delete(mine)
        const how = signal ?? `exit code ${code}`
        resolve(how)
        if (!isWanted || child !== mine) return
        onOwnEnd({ service: name, how, atMs: systemClock.nowMs() })
        void systemClock.sleep(startAgainAfterMs).then(() => (isWanted && child === mine ? run() : undefined))
      })
    })
  }
  const end = async (signal: 'SIGKILL' | 'SIGTERM') => {
    isWanted = false
    child?.kill(signal)
    return ended
  }
  return {
    ...{ name, logPath, url: `http://127.0.0.1:${port}` },
    pid: () => child?.pid,
    start,
    setEnvironment: (changed) => {
      more = changed
    },
    signal: (signal) => void child?.kill(signal),
    kill: async () => void (await end('SIGKILL')),
    terminate: async (withinMs) => {
      const startedAt = systemClock.monotonicMs()
      const how = await Promise.race([end('SIGTERM'), systemClock.sleep(withinMs).then(() => 'did not end')])
      const tookMs = systemClock.monotonicMs() - startedAt
      if (how === 'did not end') await end('SIGKILL')
      return { how, tookMs }
    },
  }
}
