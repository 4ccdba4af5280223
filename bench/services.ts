import { join } from 'node:path'
import { upstreamNames } from '@micropay/gateway/routes'
import { developmentSecret } from '@micropay/local/issuer/personas'
import { freePort } from '@micropay/local/stores/free-port'
import { Directory } from '@micropay/schemas/api/directory'
import type { Ground } from './ground.ts'
import { type Service, startService } from './processes.ts'
import { pause } from './report.ts'

/**
 * Each service is a process of its own, its main.ts the one that production runs. `nth` is the worker's number among
 * those that share the partitions, from 1.
 */
export async function startWriteSide(ground: Ground, partitions = 1, nth = 1): Promise<Service> {
  return startService(ground.root, 'write-side/main.ts', {
    ...ground.environment,
    ...(await ground.edge?.environmentOf('write-side')),
    PORT: String(await freePort()),
    PARTITIONS: String(partitions),
    STATE_DIRECTORY: join(ground.directory, nth === 1 ? 'state' : `state-${nth}`),
    REQUEST_HASH_KEY: 'a key for measurements, 32 characters and more',
  })
}

/** Resolves once each partition has an owner and each worker has some; throws after half a minute. */
export async function untilShared({ url }: Service, workers: number): Promise<void> {
  for (let times = 0; times < 300; times += 1) {
    const { owners } = Directory.parse(await (await fetch(`${url}/directory`)).json())
    if (!owners.includes(null) && new Set(owners).size === workers) return
    await pause(100)
  }
  throw new Error(`${workers} workers do not share the partitions after 30 s`)
}

export type ModelName = 'accounts' | 'reconciliation' | 'audit'
export const modelNames: readonly ModelName[] = ['accounts', 'reconciliation', 'audit']

const databaseVariable: Readonly<Record<ModelName, string>> = {
  accounts: 'ACCOUNTS_DATABASE_URL',
  reconciliation: 'RECONCILIATION_DATABASE_URL',
  audit: 'AUDIT_DATABASE_URL',
}

async function environmentOf(
  ground: Ground,
  model: ModelName,
  service: string = model,
): Promise<Record<string, string>> {
  return {
    ...ground.environment,
    ...(await ground.edge?.environmentOf(service)),
    [databaseVariable[model]]: await modelDatabase(ground, model),
    CURSOR_SECRET: 'a secret for measurements',
    PORT: String(await freePort()),
  }
}

export function modelDatabase(ground: Ground, model: ModelName): Promise<string> {
  return ground.databaseUrl(`micropay_${model}`)
}

export async function startProjection(ground: Ground, model: ModelName): Promise<Service> {
  const environment = await environmentOf(ground, model, `${model}-projection`)
  return startService(ground.root, `projections/${model}/main.ts`, environment, '/health/live')
}

export async function startQueries(ground: Ground, model: ModelName): Promise<Service> {
  return startService(ground.root, `read-side/${model}/main.ts`, await environmentOf(ground, model), '/health/ready')
}

/** The gateway before the write side; the services that no measurement asks stand behind the same address. */
export async function startGateway(
  ground: Ground,
  writeSideUrl: string,
  others: Readonly<Record<string, string>> = {},
): Promise<Service> {
  const port = String(await freePort())
  const environment = {
    ...ground.environment,
    PORT: port,
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    ...Object.fromEntries(upstreamNames.map((name) => [`${name.toUpperCase().replace('-', '_')}_URL`, writeSideUrl])),
    PROJECTIONS_URL: writeSideUrl,
    ...others,
    OIDC_CLIENT_SECRET: developmentSecret,
    SESSION_SECRET: 'a secret for measurements, 32 characters and more',
    RATE_LIMIT_PER_SECOND: '0',
    ADDRESS_LIMIT_PER_SECOND: '0',
    ...(await ground.edge?.environmentOf('gateway')),
  }
  return startService(ground.root, 'gateway/main.ts', environment, '/health/live')
}
