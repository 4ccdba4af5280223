import { existsSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startDevelopmentIssuer } from '@micropay/local/issuer/issuer'
import { developmentSecret, type PersonaId } from '@micropay/local/issuer/personas'
import { freePort } from '@micropay/local/stores/free-port'
import { startKafkaBroker } from '@micropay/local/stores/kafka-broker'
import { startPostgres } from '@micropay/local/stores/postgres'
import { systemClock } from '@micropay/runtime/clock'
import { createLogger } from '@micropay/runtime/logger'
import { allProcesses, treeOf } from './cpu/process-cpu.ts'
import type { Edge } from './edge.ts'

export type LogName = 'kafka' | 'postgres'

/**
 * What stands beneath a measurement: a durable PostgreSQL, a Kafka broker, an issuer, and tokens of whom the services
 * know.
 */
export type Ground = {
  readonly log: LogName
  /** The checkout whose services stand on it. */
  readonly root: string
  readonly directory: string
  readonly brokers: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  /** Undefined where services speak plain HTTP, nobody counts requests, and nothing is told of them. */
  readonly edge?: Edge
  token(persona: PersonaId): Promise<string>
  databaseUrl(name: string): Promise<string>
  /** The processes of the stores by name, as far as they run on this machine by themselves. */
  stores(): Readonly<Record<string, number>>
  stop(): Promise<void>
}

export async function layGround(log: LogName): Promise<Ground> {
  const directory = await mkdtemp(join(tmpdir(), 'micropay-bench-'))
  const postgres = await startPostgres({ dataDirectory: join(directory, 'postgres'), port: await freePort() })
  const broker = log === 'kafka' ? await startKafkaBroker({ directory: join(directory, 'kafka') }) : undefined
  const issuer = await startDevelopmentIssuer({
    directory: join(directory, 'issuer'),
    port: await freePort(),
    client: { id: 'gateway', secret: developmentSecret, redirectUris: [] },
    audience: 'micropay',
    clock: systemClock,
    log: createLogger('issuer', 'error'),
  })
  const databaseUrl = async (name: string) => {
    await postgres.createDatabase(name)
    return postgres.url(name)
  }
  const logUrl = await databaseUrl('micropay_log')
  const brokers = broker?.brokers ?? []
  return {
    log,
    root: fileURLToPath(new URL('..', import.meta.url)),
    directory,
    brokers,
    environment: {
      LOG: log,
      LOG_DATABASE_URL: logUrl,
      ...(broker ? { KAFKA_BROKERS: brokers.join(',') } : {}),
      LEASE_DATABASE_URL: logUrl,
      OIDC_ISSUER: issuer.url,
      LEDGER_ID: 'bench',
    },
    token: (persona) => tokenOf(issuer.url, persona),
    databaseUrl,
    stores: () => storeProcesses(directory),
    async stop() {
      await issuer.close()
      await broker?.stop()
      await postgres.stop()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

/**
 * One side of two that are compared: services of the checkout in `root` on the same servers, with a log, databases
 * and a directory of its own. Stop the ground itself, not a side.
 */
export async function sideOf(ground: Ground, name: string, root: string): Promise<Ground> {
  const databaseUrl = (database: string) => ground.databaseUrl(`${name}_${database}`)
  const logUrl = await databaseUrl('micropay_log')
  const directory = join(ground.directory, name)
  await mkdir(directory)
  return {
    ...ground,
    root,
    directory,
    databaseUrl,
    environment: {
      ...ground.environment,
      LOG_DATABASE_URL: logUrl,
      LEASE_DATABASE_URL: logUrl,
      KAFKA_TOPIC: `micropay.${name}`,
      LEDGER_ID: `bench-${name}`,
    },
  }
}

/**
 * PostgreSQL and, unless Docker runs it, Kafka: both leave the id of their process, or of its guard, in their
 * directory.
 */
function storeProcesses(directory: string): Record<string, number> {
  if (process.platform !== 'linux') return {}
  const running = allProcesses()
  const found: Record<string, number> = {}
  const look = (name: string, file: string, program: string) => {
    const path = join(directory, name, file)
    const pid = existsSync(path) ? Number.parseInt(readFileSync(path, 'utf8'), 10) : Number.NaN
    if (treeOf(running, pid).some(({ command }) => command === program)) found[name] = pid
  }
  look('postgres', 'postmaster.pid', 'postgres')
  look('kafka', 'broker.pid', 'java')
  return found
}

async function tokenOf(issuerUrl: string, persona: PersonaId): Promise<string> {
  const answer = await fetch(`${issuerUrl}/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: persona,
      client_secret: developmentSecret,
    }),
  })
  const body: unknown = await answer.json()
  if (typeof body === 'object' && body !== null && 'access_token' in body && typeof body.access_token === 'string')
    return body.access_token
  throw new Error(`the issuer gave no token: ${answer.status} ${JSON.stringify(body)}`)
}
