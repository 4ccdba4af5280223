import { LogError } from '@micropay/event-log/event-log'
import { partitionLease } from '@micropay/event-log/evidence'
import { prepareLedgerLog } from '@micropay/event-log/ledger-partitions'
import { openEventLog, openInbox } from '@micropay/event-log/open-event-log'
import { openParkingLot } from '@micropay/event-log/postgres/parked'
import { advertisedUrl } from '@micropay/runtime/advertised-url'
import { backOff } from '@micropay/runtime/back-off'
import { systemClock } from '@micropay/runtime/clock'
import { closeOnSignal } from '@micropay/runtime/close-on-signal'
import { closeWithin } from '@micropay/runtime/close-within'
import type { Http } from '@micropay/runtime/http'
import { createLogger } from '@micropay/runtime/logger'
import { openLeases } from '@micropay/runtime/open-leases'
import { makePrivate, writePrivately } from '@micropay/runtime/private-files'
import type { Registration } from '@micropay/runtime/registry/keep-registered'
import { joinRegistry } from '@micropay/runtime/registry/registry-environment'
import { keysOf } from '@micropay/runtime/settings/key-ring'
import { offerConfiguration } from '@micropay/runtime/settings/offer-configuration'
import { openSettings } from '@micropay/runtime/settings/open-settings'
import { watchRoles } from '@micropay/runtime/split-roles'
import { stepUpOf } from '@micropay/runtime/step-up'
import { openMetrics } from '@micropay/runtime/telemetry/open-metrics'
import { openTracing } from '@micropay/runtime/telemetry/tracing'
import { listenWithTls } from '@micropay/runtime/tls/listen-with-tls'
import { openTls } from '@micropay/runtime/tls/tls-environment'
import { openTokenVerifier } from '@micropay/runtime/token-settings'
import { type PartitionOwner, startPartitionOwner } from './handle/partition-owner.ts'
import type { SagaPorts } from './handle/sagas/engine-state.ts'
import { createMessageCodec } from './handle/sagas/message-codec.ts'
import { buildCommandApp } from './receive/build-app.ts'
import { measureOwners, timeAppends } from './receive/owner-metrics.ts'
import { handleParked } from './receive/parked-messages.ts'
import { isConcerned, reportWorkers } from './receive/report-workers.ts'
import { settings as schema } from './settings.ts'
import { joinWorkers, type Shares } from './share/shares.ts'
import { createCheckers } from './state/lmdb/checkers.ts'
import { keptPartitions, lmdbDisk } from './state/lmdb/disk.ts'
import { snapshotKey } from './state/snapshots/manifest.ts'
import { createSnapshots, createTurns } from './state/snapshots/snapshots.ts'
import { objectStoreSettings } from './state/snapshots/snapshots-settings.ts'
import { createStateOpener } from './state/state-opener.ts'

/** A command worker: decides payments and account commands, and appends them to the log. */
const settings = await openSettings('write-side', schema)
const config = settings.values
writePrivately()
makePrivate(config.STATE_DIRECTORY)

const log = createLogger('write-side', config.LOG_LEVEL, process.stdout, config.LOG_FORMAT)
settings.follow(log)
const secret = settings.live('REQUEST_HASH_KEY')
const clock = systemClock
const tls = await openTls(config, 'write-side', log)
const tracing = await openTracing(config, 'write-side', log)
const metrics = await openMetrics(config, 'write-side', log, { service: tls })
const eventLog = openEventLog(config, log)
const leases = openLeases({ url: config.LEASE_DATABASE_URL, clock, log })
const { LEASE_DATABASE_URL, LOG_DATABASE_URL } = config
const notices = watchRoles({ LEASE_DATABASE_URL, ...(config.LOG === 'postgres' ? { LOG_DATABASE_URL } : {}) }, log)
const owners: PartitionOwner[] = []
let app: Http | undefined
let ports: SagaPorts | undefined
let shares: Shares | undefined
let registration: Registration | undefined
/** From the signal on: what comes then has the rest of `CLOSE_WITHIN_MS`. */
const [DRAINED_WITHIN_MS, ANSWERED_WITHIN_MS] = [10_000, 13_000]
// From the beginning: who started us may stop us, or end, while we still wait for the log.
closeOnSignal(log, async () => {
  const sinceMs = clock.monotonicMs()
  const leftOf = (withinMs: number) => Math.max(0, sinceMs + withinMs - clock.monotonicMs())
  await Promise.all([shares?.leave(), registration?.leave()])
  await Promise.all(owners.map((owner) => owner.stop(leftOf(DRAINED_WITHIN_MS))))
  if (app) await closeWithin(app, leftOf(ANSWERED_WITHIN_MS), clock)
  await shares?.close()
  await Promise.all([eventLog.close(), leases.close(), ports?.inbox.close(), ports?.parking.close(), tracing.close()])
  await metrics?.close()
})
const partitions = await untilPrepared()

const sagas = partitions > 1 ? await openSagas() : undefined
const sharing = { leases, ledgerId: config.LEDGER_ID, partitions, workerId: config.WORKER_ID, clock, log }
shares = await joinWorkers(sharing)
const checkers = createCheckers(clock)
const snapshots = snapshotsShared()
const leaseName = (partition: number) => partitionLease(config.LEDGER_ID, partition)
for (let partition = 0; partition < partitions; partition += 1) {
  const context = { ledgerId: config.LEDGER_ID, partition }
  const disk = lmdbDisk(config.STATE_DIRECTORY, partition, clock, checkers)
  const owner: PartitionOwner = startPartitionOwner({
    eventLog,
    openStore: createStateOpener(disk, context),
    snapshots: snapshots && createSnapshots({ ...snapshots, ...context, path: disk.name }),
    limits: { snapshotEveryCommits: config.SNAPSHOT_EVERY, snapshotEveryMs: config.SNAPSHOT_EVERY_MINUTES * 60_000 },
    lease: leases.open(leaseName(partition), config.WORKER_ID, { mayRenew: () => owner.getsOn() }),
    share: shares.of(partition),
    context,
    partitions,
    ownerId: config.WORKER_ID,
    writeGeneration: config.WRITE_GENERATION,
    ...(sagas ? { sagas } : {}),
    timeAppend: timeAppends(metrics, partition),
    clock,
    log,
    onFatal: (error) => {
      log.fatal({ err: error }, 'this worker must not go on')
      process.exit(1)
    },
  })
  owners.push(owner)
}
const measured = { owners, parking: sagas?.parking, nowMs: clock.nowMs }
measureOwners(metrics, { ...measured, isConcerned: (status) => isConcerned({ peers: shares }, status) })
const verifyToken = openTokenVerifier(config, clock)
const fetchWorker = tls?.fetchFrom('write-side')
const peers = { ...shares, clock, workerId: config.WORKER_ID, fetchWorker }
const stepUp = stepUpOf(config)
app = await buildCommandApp({ owners, requestHashKey: secret, verifyToken, stepUp, log, peers, tls, metrics })
const reported = { workerId: config.WORKER_ID, owners, leases, leaseName, log: eventLog.technology, clock }
reportWorkers(app, { ...reported, peers: shares, parking: sagas?.parking, fetchWorker })
handleParked(app, { owners, sagas })
offerConfiguration(app, settings, notices)

const address = await listenWithTls(app, config, tls)
shares.live(config.ADVERTISED_URL ?? advertisedUrl(address))
log.info({ address, log: eventLog.technology, worker: config.WORKER_ID }, 'listening')
registration = joinRegistry(config, 'write-side', address, log)
if (registration) app.addTrouble(registration.trouble)

/** What the snapshots of all partitions share; undefined where none are kept. */
function snapshotsShared() {
  const store = objectStoreSettings(config)
  return (
    store && { store, key: keysOf(secret, (key) => snapshotKey(key, config.LEDGER_ID)), clock, turns: createTurns() }
  )
}

/** How the owners of several partitions speak to each other. */
async function openSagas(): Promise<SagaPorts> {
  ports = {
    inbox: openInbox(config, log),
    parking: openParkingLot({ url: config.LEASE_DATABASE_URL, clock, log }),
    codec: createMessageCodec(secret, config.LEDGER_ID),
  }
  await ports.inbox.prepare(partitions)
  return ports
}

/** The log may come up after us: waits for it, and says so. A log that is not ours to use ends the worker. */
async function untilPrepared(): Promise<number> {
  for (let failures = 1; ; failures += 1) {
    try {
      return await prepareLedgerLog(eventLog, config.PARTITIONS, keptPartitions(config.STATE_DIRECTORY))
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
