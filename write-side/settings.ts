import { hostname } from 'node:os'
import { newLedgerEnvironment } from '@micropay/event-log/ledger-partitions'
import { logEnvironment } from '@micropay/event-log/open-event-log'
import { port } from '@micropay/runtime/config'
import { registryEnvironment } from '@micropay/runtime/registry/registry-environment'
import { keyRing } from '@micropay/runtime/settings/key-ring'
import { logFormat, logLevel } from '@micropay/runtime/settings/own-settings'
import { stepUpEnvironment } from '@micropay/runtime/step-up'
import { metricsEnvironment } from '@micropay/runtime/telemetry/open-metrics'
import { tracingEnvironment } from '@micropay/runtime/telemetry/tracing-environment'
import { healthEnvironment, tlsEnvironment } from '@micropay/runtime/tls/tls-environment'
import { tokenEnvironment } from '@micropay/runtime/token-settings'
import { EVENT_GENERATION } from '@micropay/schemas/log/generations'
import { z } from 'zod'
import { snapshotEnvironment } from './state/snapshots/snapshots-settings.ts'

const wrongDirectory = { error: 'a directory of its own on local disk, where the state of its partitions is kept' }
const wrongLedger = { error: 'the name of this ledger, 1 to 64 characters, fixed for ever by its first record' }
const wrongWorker = { error: 'must be a name of 1 to 64 characters that no other worker has' }
const wrongGeneration = {
  error: `a generation of records that this release knows: at least 1 and at most ${EVENT_GENERATION}`,
}

/** What a command worker reads from where its settings are. */
export const settings = z.object({
  ...logEnvironment,
  ...newLedgerEnvironment,
  ...snapshotEnvironment,
  ...tlsEnvironment,
  ...healthEnvironment,
  ...metricsEnvironment,
  ...registryEnvironment,
  ...tracingEnvironment,
  PORT: port(8081),
  HOST: z.string().default('127.0.0.1'),
  ADVERTISED_URL: z
    .url({ protocol: /^https?$/, error: 'where the other workers reach this one, such as http://worker-1:8081' })
    .optional(),
  LEASE_DATABASE_URL: z.url({
    error: 'the PostgreSQL database that holds the leases, such as postgres://user@host/micropay_log',
  }),
  STATE_DIRECTORY: z.string(wrongDirectory).min(1, wrongDirectory),
  ...tokenEnvironment,
  ...stepUpEnvironment,
  LEDGER_ID: z.string(wrongLedger).min(1, wrongLedger).max(64, wrongLedger),
  REQUEST_HASH_KEY: keyRing({
    atLeast: 32,
    error: 'must be a secret of at least 32 characters, the same for all workers; of several, one a line',
  }),
  WORKER_ID: z.string().min(1, wrongWorker).max(64, wrongWorker).default(`${hostname()}-${process.pid}`),
  WRITE_GENERATION: z
    .preprocess(
      (value) => (value === '' ? undefined : value),
      z.coerce.number(wrongGeneration).int(wrongGeneration).min(1, wrongGeneration).optional(),
    )
    .refine((generation) => generation === undefined || generation <= EVENT_GENERATION, wrongGeneration),
  LOG_LEVEL: logLevel,
  LOG_FORMAT: logFormat,
})
