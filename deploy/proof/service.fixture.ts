import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { systemClock } from '@micropay/runtime/clock'

/** A service as a process of its own, on a port that nobody has. */
export type RunningService = { readonly name: string; readonly child: ChildProcess; readonly address: string }

/** `path` is that of its main file, from this folder. Its secrets and its issuer are made up. */
export function spawnService(path: string, env: NodeJS.ProcessEnv): ChildProcess {
  return spawn(process.execPath, [fileURLToPath(new URL(path, import.meta.url))], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...{ PORT: '0', OIDC_ISSUER: 'http://127.0.0.1:9' },
      ...{ REQUEST_HASH_KEY: 'a key of at least 32 characters.', CURSOR_SECRET: 'a secret of 16 or more' },
      ...env,
    },
  })
}

/** Resolves when it listens. */
export async function startService(name: string, path: string, env: NodeJS.ProcessEnv): Promise<RunningService> {
  const child = spawnService(path, env)
  const lines = createInterface({ input: child.stdout ?? assert.fail('its output is a pipe') })
  const address = await new Promise<string>((resolve, reject) => {
    lines.on('line', (line) => {
      const said: unknown = JSON.parse(line)
      if (said && typeof said === 'object' && 'address' in said) resolve(String(said.address))
    })
    child.once('exit', () => reject(new Error(`${name} ended before it listened`)))
  })
  return { name, child, address }
}

/** One after the other, each until it has ended. */
export async function killAll(running: Iterable<{ readonly child: ChildProcess }>): Promise<void> {
  for (const { child } of running) {
    if (child.exitCode !== null || child.signalCode !== null) continue
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }
}

export async function untilReady({ address }: RunningService): Promise<void> {
  while (!(await fetch(`${address}/health/ready`)).ok) await systemClock.sleep(50)
}
