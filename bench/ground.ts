import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startDevelopmentIssuer } from '@micropay/local/issuer/issuer'
import { developmentSecret, type PersonaId } from '@micropay/local/issuer/personas'
import { freePort } from '@micropay/local/stores/free-port'
import { startKafkaBroker } from '@micropay/local/stores/kafka-broker'
import { startPostgres } from '@micropay/local/stores/postgres'
import { systemClock } from '@micropay/runtime/clock'
import { createLogger } from '@micropay/runtime/logger'

export type LogName = 'kafka' | 'postgres'

/** What stands beneath a measurement: a durable PostgreSQL, a Kafka broker, an issuer, and tokens of whom the services know. */
export type Ground = {
  readonly log: LogName
  readonly directory: string
  readonly brokers: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  token(persona: PersonaId): Promise<string>
  databaseUrl(name: string): Promise<string>
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
    async stop() {
      await issuer.close()
      await broker?.stop()
      await postgres.stop()
      await rm(directory, { recursive: true, force: true })
    },
  }
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
