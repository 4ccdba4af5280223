import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { developmentSecret } from '@micropay/local/issuer/personas'
import { type Command, type Ended, run } from '@micropay/local/run-program.fixture'
import { type Running, readRunning } from '@micropay/local/running'
import { clientCredentials } from '@micropay/sdk/access-token'
import { connectLedger, type LedgerClient } from '@micropay/sdk/ledger-client'

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

/**
 * Runs `start` as people do, in a state directory of its own, on free ports unless one is named for it (and the usual
 * ones behind it), and waits until it says that it is ready.
 */
export async function startProduct(
  options: {
    log?: 'postgres' | 'kafka' | 'eventstoredb'
    environment?: Record<string, string>
    args?: string[]
    home?: string
    port?: number
    partitions?: number
  } = {},
): Promise<Product> {
  const home = options.home ?? (await mkdtemp(join(tmpdir(), 'micropay-e2e-')))
  const start = run('deploy/local/start/start.ts', options.args ?? [], {
    ...{
      PORT: String(options.port ?? 0),
      PARTITIONS: String(options.partitions ?? 1),
      LOG: options.log ?? 'postgres',
      MICROPAY_HOME: home,
      KAFKA_BROKERS: undefined,
      ...options.environment,
      ...(options.partitions === undefined ? {} : { PARTITIONS: String(options.partitions) }),
    },
  })
  await start.said(/MicroPay (is ready|runs) after/)
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
