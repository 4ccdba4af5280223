import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startDevelopmentIssuer } from '@micropay/local/issuer/issuer'
import { developmentSecret } from '@micropay/local/issuer/personas'
import { systemClock } from '@micropay/runtime/clock'
import { createLogger } from '@micropay/runtime/logger'
import { startOtlpReceiver } from '@micropay/runtime/telemetry/otlp-receiver.fixture'
import { makeTestDatabase } from '@micropay/runtime/test-database.fixture'
import { clientCredentials } from '@micropay/sdk/access-token'
import { startService, untilReady } from '../service.fixture.ts'

export const PARTITIONS = 2

/** What a payment comes through, each a process that sends its spans to one receiver: of those that callers want. */
export async function startTracedSite(log: Record<string, string> = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'micropay-traces-'))
  const [ledger, accounts, receiver] = await Promise.all([makeTestDatabase(), makeTestDatabase(), startOtlpReceiver()])
  const issuer = await startDevelopmentIssuer({
    ...{ directory, port: 0, audience: 'micropay', clock: systemClock, log: createLogger('test', 'silent') },
    client: { id: 'gateway', secret: 'of the gateway', redirectUris: ['http://127.0.0.1:1/session/callback'] },
  })
  const env = {
    ...{ LOG: 'postgres', LOG_DATABASE_URL: ledger.url, LEASE_DATABASE_URL: ledger.url, ...log },
    ...{ ACCOUNTS_DATABASE_URL: accounts.url, OIDC_ISSUER: issuer.url },
    ...{ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_TRACES_SAMPLER: 'parentbased_always_off' },
  }
  const [writeSide, projection, readSide] = await Promise.all([
    startService('write-side', '../../write-side/main.ts', {
      ...{ ...env, LEDGER_ID: 'traces', PARTITIONS: String(PARTITIONS), STATE_DIRECTORY: join(directory, 'state') },
    }),
    startService('accounts-projection', '../../projections/accounts/main.ts', env),
    startService('accounts', '../../read-side/accounts/main.ts', env),
  ])
  await Promise.all([writeSide, projection, readSide].map(untilReady))
  const nobody = 'http://127.0.0.1:9'
  const gateway = await startService('gateway', '../../gateway/main.ts', {
    ...{ ...env, PUBLIC_URL: 'http://127.0.0.1:1', SESSION_SECRET: 'a secret of at least 32 characters.' },
    ...{ WRITE_SIDE_URL: writeSide.address, ACCOUNTS_URL: readSide.address, OIDC_CLIENT_SECRET: 'of the gateway' },
    ...{ AUDIT_URL: nobody, RECONCILIATION_URL: nobody, PROJECTIONS_URLS: `accounts=${projection.address}` },
  })
  await untilReady(gateway)
  const authorization = `Bearer ${await clientCredentials(issuer.url, { id: 'cli', secret: developmentSecret })()}`
  return {
    receiver,
    url: gateway.address,
    authorization,
    async post(path: string, body: object, headers: Record<string, string> = {}): Promise<Response> {
      const key = { authorization, 'content-type': 'application/json', 'idempotency-key': systemClock.randomId() }
      return fetch(`${gateway.address}${path}`, {
        ...{ method: 'POST', headers: { ...key, ...headers }, body: JSON.stringify(body) },
      })
    },
    async close() {
      for (const { child } of [gateway, writeSide, projection, readSide]) child.kill('SIGKILL')
      await Promise.all([issuer.close(), receiver.close(), ledger.close(), accounts.close()])
      await rm(directory, { recursive: true, force: true })
    },
  }
}

export type TracedSite = Awaited<ReturnType<typeof startTracedSite>>
