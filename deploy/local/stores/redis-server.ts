import { spawnSync } from 'node:child_process'
import { freePort } from './free-port.ts'
import { ProcessEnded, startGuarded } from './guarded-process.ts'

export type RedisServer = {
  readonly url: string
  readonly port: number
  /** Stands still, connections and all, as a host does that is out of memory. */
  pause(): void
  resume(): void
  stop(): Promise<void>
  /** kill -9, for fault tests. */
  kill(): Promise<void>
}

const names = ['redis-server', 'valkey-server']
const ready = 'Ready to accept connections'

/** A real Redis or Valkey on 127.0.0.1 that keeps nothing on disk; throws an Error that says what to install. */
export async function startRedisServer(options: { readonly port?: number } = {}): Promise<RedisServer> {
  const command = findRedis()
  const port = options.port ?? (await freePort())
  const settings = { port, bind: '127.0.0.1', save: '', appendonly: 'no', dir: '/' }
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)])
  const server = startGuarded({ command, args, stopSignal: 'TERM', environment: process.env })
  try {
    await server.saidLine(ready)
  } catch (cause) {
    await server.kill()
    if (!(cause instanceof ProcessEnded)) throw cause
    throw new Error(`${command} did not start on port ${port}. It said:\n${cause.lastLines.join('\n')}`, { cause })
  }
  const signal = (name: 'SIGSTOP' | 'SIGCONT') => {
    if (server.pid !== undefined) process.kill(-server.pid, name)
  }
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    pause: () => signal('SIGSTOP'),
    resume: () => signal('SIGCONT'),
    stop: server.stop,
    kill: server.kill,
  }
}

/** REDIS_SERVER, or one on the machine. */
function findRedis(): string {
  const given = process.env.REDIS_SERVER
  if (given) return given
  for (const name of names) {
    const { status, stdout } = spawnSync('/bin/sh', ['-c', 'command -v "$1"', 'sh', name], { encoding: 'utf8' })
    if (status === 0) return stdout.trim()
  }
  throw new Error(
    'These tests need Redis or Valkey. Install it (Debian: apt-get install redis-server; macOS: brew install redis) ' +
      'or set REDIS_SERVER to the path of a redis-server or valkey-server.',
  )
}
