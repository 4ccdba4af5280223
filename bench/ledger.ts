import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '@micropay/deploy/local/free-port'
import { startDevelopmentIssuer } from '@micropay/deploy/local/issuer'
import { startKafkaBroker } from '@micropay/deploy/local/kafka-broker'
import { developmentSecret, type PersonaId } from '@micropay/deploy/local/personas'
import { startPostgres } from '@micropay/deploy/local/postgres'
import { systemClock } from '@micropay/deploy/runtime/clock'
import { createLogger } from '@micropay/deploy/runtime/logger'
import { startService } from './processes.ts'

/** What stands beneath a measurement: a durable PostgreSQL, a Kafka broker, an issuer, and an operator's token. */
export type Ground = {
  readonly token: string
  /** An SRE's, who may rebuild. */
  readonly sreToken: string
  readonly directory: string
  readonly issuerUrl: string
  readonly environment: Record<string, string>
  databaseUrl(name: string): Promise<string>
  stop(): Promise<void>
}

export async function layGround(log: 'kafka' | 'postgres'): Promise<Ground> {
  const directory = await mkdtemp(join(tmpdir(), 'micropay-bench-'))
  const postgres = await startPostgres({ dataDirectory: join(directory, 'postgres'), port: await freePort() })
  const broker = log === 'kafka' ? await startKafkaBroker({ directory: join(directory, 'kafka') }) : undefined
  const issuer = await startDevelopmentIssuer({
    directory: join(directory, 'issuer'),
    port: await freePort(),
    client: { id: 'gateway', secret: developmentSecret, redirectUris: [] },
    audience: 'micropay',
    clock: systemClock,
    log: createLogger('issuer', 'warn'),
  })
  const databaseUrl = async (name: string) => {
    await postgres.createDatabase(name)
    return postgres.url(name)
  }
  const logUrl = await databaseUrl('micropay_log')
  return {
    token: await tokenOf(issuer.url, 'olga'),
    sreToken: await tokenOf(issuer.url, 'sam'),
    directory,
    issuerUrl: issuer.url,
    environment: {
      LOG: log,
      LOG_DATABASE_URL: logUrl,
      ...(broker ? { KAFKA_BROKERS: broker.brokers.join(',') } : {}),
      LEASE_DATABASE_URL: logUrl,
      OIDC_ISSUER: issuer.url,
      LEDGER_ID: 'bench',
    },
    databaseUrl,
    async stop() {
      await issuer.close()
      await broker?.stop()
      await postgres.stop()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

/** A command worker of its own process, as production runs it. */
export async function startWriteSide(ground: Ground) {
  return startService('write-side/main.ts', {
    ...ground.environment,
    PORT: String(await freePort()),
    STATE_DIRECTORY: join(ground.directory, 'state'),
    REQUEST_HASH_KEY: 'a key for measurements, 32 characters and more',
  })
}

/** The accounts projection and its queries, on a database of their own. */
export async function startReadModel(ground: Ground) {
  const url = await ground.databaseUrl('micropay_accounts')
  const port = async () => String(await freePort())
  const environment = { ...ground.environment, ACCOUNTS_DATABASE_URL: url, CURSOR_SECRET: 'a secret for measurements' }
  const projection = await startService(
    'projections/accounts/main.ts',
    { ...environment, PORT: await port() },
    '/health/live',
  )
  const queries = await startService(
    'read-side/accounts/main.ts',
    { ...environment, PORT: await port() },
    '/health/live',
  )
  return { databaseUrl: url, projection, queries }
}

/** The gateway before the write side; the services that no measurement asks stand behind the same address. */
export async function startGateway(ground: Ground, writeSideUrl: string) {
  const port = String(await freePort())
  const environment = {
    ...ground.environment,
    PORT: port,
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    WRITE_SIDE_URL: writeSideUrl,
    ACCOUNTS_URL: writeSideUrl,
    AUDIT_URL: writeSideUrl,
    RECONCILIATION_URL: writeSideUrl,
    PROJECTIONS_URL: writeSideUrl,
    OIDC_CLIENT_SECRET: developmentSecret,
    SESSION_SECRET: 'a secret for measurements, 32 characters and more',
    RATE_LIMIT_PER_SECOND: '0',
  }
  return startService('gateway/main.ts', environment, '/health/live')
}

/** Opens accounts `bench:0`, `bench:1`, ... in EUR, without a limit. */
export async function openAccounts(url: string, token: string, count: number): Promise<void> {
  for (let start = 0; start < count; start += 100) {
    const some = Array.from({ length: Math.min(100, count - start) }, (_, index) =>
      openAccount(url, token, `bench:${start + index}`),
    )
    await Promise.all(some)
  }
}

async function openAccount(url: string, token: string, accountId: string): Promise<void> {
  const answer = await fetch(`${url}/v1/accounts`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}`, 'idempotency-key': accountId },
    body: JSON.stringify({
      accountId,
      type: 'customer',
      currency: 'EUR',
      owner: 'customer:bench',
      overdraftLimit: 'unlimited',
    }),
  })
  if (answer.status !== 201) throw new Error(`opening ${accountId}: ${answer.status} ${await answer.text()}`)
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
