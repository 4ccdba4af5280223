import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { repositoryRoot } from '@micropay/local/running'
import { installationIn } from '@micropay/local/start/installation'
import { systemClock } from '@micropay/runtime/clock'
import { WorkerStatusList } from '@micropay/schemas/api/worker'
import type { LedgerClient } from '@micropay/sdk/ledger-client'
import type { Product } from './product.fixture.ts'

/**
 * Another command worker beside the one of a running product, with a state of its own and the certificate of all
 * workers; its log is in the home.
 */
export async function startSecondWorker({ home, running }: Product): Promise<ChildProcess> {
  const { requestHashKey, ledgerId } = await installationIn(home, systemClock)
  const child = spawn(process.execPath, [join(repositoryRoot, 'write-side/main.ts')], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    env: {
      ...{ ...process.env, ...running.logEnvironment, PORT: '0', HOST: '127.0.0.1', OIDC_ISSUER: running.issuer },
      ...{ LEASE_DATABASE_URL: running.leases, LEDGER_ID: ledgerId, REQUEST_HASH_KEY: requestHashKey },
      ...{ WORKER_ID: 'second', STATE_DIRECTORY: join(home, 'state-second') },
      ...running.workerTls,
    },
  })
  child.stdout?.pipe(createWriteStream(join(home, 'second.log')))
  return child
}

export async function endSecondWorker(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  await ended
}

/** How many partitions each worker serves, most first. */
export async function sharesOf(client: LedgerClient): Promise<readonly number[]> {
  const answer = await client.send({ method: 'GET', path: '/v1/workers', headers: {} })
  const { items } = WorkerStatusList.parse(answer.body)
  const serving = items.filter(({ phase }) => phase === 'serving')
  const counts = [...Map.groupBy(serving, ({ worker }) => worker).values()].map(({ length }) => length)
  return counts.sort((one, other) => other - one)
}
