import { hostname } from 'node:os'
import { LogError } from '@micropay/event-log/event-log'
import { partitionLease } from '@micropay/event-log/evidence'
import { logEnvironment, openEventLog } from '@micropay/event-log/open-event-log'
import { backOff } from '@micropay/runtime/back-off'
import { systemClock } from '@micropay/runtime/clock'
import { closeOnSignal } from '@micropay/runtime/close-on-signal'
import { port, readConfig } from '@micropay/runtime/config'
import type { Http } from '@micropay/runtime/http'
import { listen } from '@micropay/runtime/listen'
import { createLogger } from '@micropay/runtime/logger'
import { openLeases } from '@micropay/runtime/open-leases'
import { createTokenVerifier } from '@micropay/runtime/verify-token'
import { EVENT_GENERATION } from '@micropay/schemas/log/generations'
import { z } from 'zod'
import { type PartitionOwner, startPartitionOwner } from './handle/partition-owner.ts'
import { buildCommandApp } from './receive/build-app.ts'
import { reportWorkers } from './receive/report-workers.ts'
import { lmdbDisk } from './state/lmdb/disk.ts'
import { createStateOpener } from './state/state-opener.ts'

/** A command worker: decides payments and account commands, and appends them to the log. */
const config = readConfig(
  z.object({
    ...logEnvironment,
    PORT: port(8081),
    HOST: z.string().default('127.0.0.1'),
    LEASE_DATABASE_URL: z.url({
      error: 'the PostgreSQL database that holds the leases, such as postgres://user@host/micropay_log',
    }),
    STATE_DIRECTORY: z
      .string({ error: 'a directory of its own on local disk, where the state of its partitions is kept' })
      .min(1),
    OIDC_ISSUER: z.url({ error: 'the issuer of access tokens, such as https://login.example.com' }),
    OIDC_AUDIENCE: z.string().default('micropay'),
    LEDGER_ID: z.string({ error: 'the name of this ledger, fixed for ever by its first record' }).min(1).max(64),
    PARTITIONS: z.coerce.number().int().min(1).max(1).default(1),
    REQUEST_HASH_KEY: z.string({ error: 'a secret of at least 32 characters, the same for all workers' }).min(32),
    WORKER_ID: z.string().min(1).max(64).default(`${hostname()}-${process.pid}`),
    WRITE_GENERATION: z
      .preprocess((value) => (value === '' ? undefined : value), z.coerce.number().int().min(1).optional())
      .refine((generation) => generation === undefined || generation <= EVENT_GENERATION, {
        error: `a generation of records that this release knows: at most ${EVENT_GENERATION}`,
      }),
    LOG_LEVEL: z.string().default('info'),
  }),
)

const log = createLogger('write-side', config.LOG_LEVEL)
const clock = systemClock
const eventLog = openEventLog(config, log)
const leases = openLeases({ url: config.LEASE_DATABASE_URL, clock, log })
const owners: PartitionOwner[] = []
let app: Http | undefined
// From the beginning: who started us may stop us, or end, while we still wait for the log.
closeOnSignal(log, async () => {
  await Promise.all(owners.map((owner) => owner.stop()))
  await app?.close()
  await Promise.all([eventLog.close(), leases.close()])
})
await untilPrepared()

const leaseName = (partition: number) => partitionLease(config.LEDGER_ID, partition)
for (let partition = 0; partition < config.PARTITIONS; partition += 1) {
  const context = { ledgerId: config.LEDGER_ID, partition }
  const owner: PartitionOwner = startPartitionOwner({
    eventLog,
    openStore: createStateOpener(lmdbDisk(config.STATE_DIRECTORY, partition, clock), context),
    lease: leases.open(leaseName(partition), config.WORKER_ID, { mayRenew: () => owner.getsOn() }),
    context,
    partitions: config.PARTITIONS,
    ownerId: config.WORKER_ID,
    writeGeneration: config.WRITE_GENERATION,
    clock,
    log,
    onFatal: (error) => {
      log.fatal({ err: error }, 'this worker must not go on')
      process.exit(1)
    },
  })
  owners.push(owner)
}
const verifyToken = createTokenVerifier({ issuer: config.OIDC_ISSUER, audience: config.OIDC_AUDIENCE, clock })
app = await buildCommandApp({ owners, requestHashKey: config.REQUEST_HASH_KEY, verifyToken, log })
reportWorkers(app, { workerId: config.WORKER_ID, owners, leases, leaseName, log: eventLog.technology, clock })

const address = await listen(app, config)
log.info({ address, log: eventLog.technology, worker: config.WORKER_ID }, 'listening')

/** The log may come up after us: waits for it, and says so. A log that is not ours to use ends the worker. */
async function untilPrepared(): Promise<void> {
  for (let failures = 1; ; failures += 1) {
    try {
      await eventLog.prepare(config.PARTITIONS)
      return
    } catch (error) {
      if (error instanceof LogError && error.code === 'log_mismatch') {
        log.fatal({ err: error }, 'the log does not fit this worker')
        process.exit(1)
      }
      const reason = error instanceof Error ? error.message : String(error)
      const waitMs = backOff(failures, { firstMs: 250, mostMs: 5_000 })
      log.warn({ reason, waitMs }, `the log (${eventLog.technology}) is not there yet: waiting`)
      await clock.sleep(waitMs)
    }
  }
}
