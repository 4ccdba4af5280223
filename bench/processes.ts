import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { nodeFlags } from '@micropay/local/start/node-flags'

export type Service = {
  readonly url: string
  readonly process: ChildProcess
  readonly pid: number
  stop(): Promise<void>
}

/** None of them outlives this process, whichever way it ends. */
const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/**
 * Starts one of our own programs, of the checkout in `root`, with the given environment, and waits until it is ready.
 */
export async function startService(
  root: string,
  path: string,
  environment: Record<string, string>,
  ready = '/health/ready',
): Promise<Service> {
  const child = fork(join(root, path), [], {
    cwd: root,
    env: { ...process.env, LOG_LEVEL: 'warn', ...environment },
    execArgv: [...nodeFlags],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  running.add(child)
  child.once('exit', () => running.delete(child))
  const { PORT, HEALTH_PORT } = environment
  const url = HEALTH_PORT === undefined ? `http://127.0.0.1:${PORT}` : `https://127.0.0.1:${PORT}`
  const probesUrl = HEALTH_PORT === undefined ? url : `http://127.0.0.1:${HEALTH_PORT}`
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`${join(root, path)} ended with ${code} before it was ready`)
  })
  await Promise.race([untilReady(`${probesUrl}${ready}`), ended])
  ended.catch(() => undefined)
  return { url, process: child, pid: pidOf(child), stop: () => stop(child) }
}

/** Starts the floor's server, which tells its own address. */
export async function startFloor(): Promise<Service> {
  const child = fork(fileURLToPath(new URL('floor-server.ts', import.meta.url)))
  const [message] = await once(child, 'message')
  return { url: message.address, process: child, pid: pidOf(child), stop: () => stop(child) }
}

/** What has answered has an id. */
function pidOf({ pid }: ChildProcess): number {
  if (pid === undefined) throw new Error('a process was not started')
  return pid
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  await exited
}

async function untilReady(url: string): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt += 1) {
    const ready = await fetch(url).then(
      (answer) => answer.ok,
      () => false,
    )
    if (ready) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error(`${url} did not become ready within 30 s`)
}
