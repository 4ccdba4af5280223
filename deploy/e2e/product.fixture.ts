import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { clientCredentials } from '../cli/access-token.ts'
import { connectLedger, type LedgerClient } from '../cli/ledger-client.ts'
import { developmentSecret } from '../local/personas.ts'
import { type Running, readRunning, repositoryRoot } from '../local/running.ts'

export type Ended = { readonly code: number | null; readonly output: string }
export type Product = {
  readonly home: string
  readonly running: Running
  /** A client of the public API with that persona's token. */
  as(persona: string): LedgerClient
  micropay(...args: string[]): Command
  stop(signal?: NodeJS.Signals): Promise<Ended>
  /** Settles when it has ended, told to or not. */
  readonly ended: Promise<Ended>
  [Symbol.asyncDispose](): Promise<void>
}
export type Command = {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
  said(pattern: RegExp): Promise<void>
}

/** Runs `start` as people do, in a state directory of its own on free ports, and waits until it says that it is ready. */
export async function startProduct(
  options: { log?: 'postgres' | 'kafka'; args?: string[]; home?: string } = {},
): Promise<Product> {
  const home = options.home ?? (await mkdtemp(join(tmpdir(), 'micropay-e2e-')))
  const start = run('deploy/local/start.ts', options.args ?? [], {
    ...{ PORT: '0', LOG: options.log ?? 'postgres', MICROPAY_HOME: home, KAFKA_BROKERS: undefined },
  })
  await start.said(/MicroPay is ready after/)
  const running = await readRunning(home)
  assert.ok(running, 'a running product says where it is reached')
  const clients: LedgerClient[] = []
  const stop = async (signal: NodeJS.Signals = 'SIGINT') => {
    start.child.kill(signal)
    return start.ended
  }
  return {
    home,
    running,
    as: (persona) => {
      const accessToken = clientCredentials(running.issuer, { id: persona, secret: developmentSecret })
      const client = connectLedger({ url: running.url, accessToken, patienceMs: 20_000 })
      clients.push(client)
      return client
    },
    micropay: (...args) => run('deploy/cli/main.ts', args, { MICROPAY_HOME: home }),
    stop,
    ended: start.ended,
    [Symbol.asyncDispose]: async () => {
      for (const client of clients) await client.close()
      await stop()
      if (options.home === undefined) await rm(home, { recursive: true, force: true })
    },
  }
}

/** Runs one of the repository's programs; `said` settles once its output has that, and rejects when it ends before. */
export function run(program: string, args: readonly string[], environment: NodeJS.ProcessEnv): Command {
  const child = spawn(process.execPath, [join(repositoryRoot, program), ...args], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { ...process.env, ...environment },
  })
  let output = ''
  const listeners = new Set<() => void>()
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk) => {
      output += String(chunk)
      for (const listener of listeners) listener()
    })
  }
  const ended = new Promise<Ended>((resolve) => child.once('close', (code) => resolve({ code, output })))
  const said = (pattern: RegExp) =>
    new Promise<void>((resolve, reject) => {
      const look = () => {
        if (!pattern.test(output)) return
        listeners.delete(look)
        resolve()
      }
      listeners.add(look)
      look()
      void ended.then(({ code }) =>
        reject(new Error(`${program} ended with ${code} before it said ${pattern}:\n${output}`)),
      )
    })
  return { child, ended, said }
}
