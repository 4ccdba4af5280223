import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { partitionLease } from '@micropay/event-log/evidence'
import type { Inbox } from '@micropay/event-log/inbox'
import { openMemoryParkingLot } from '@micropay/event-log/memory/parked'
import { openPostgresLog } from '@micropay/event-log/postgres/event-log'
import { systemClock } from '@micropay/runtime/clock'
import { createLogger } from '@micropay/runtime/logger'
import { openLeases } from '@micropay/runtime/open-leases'
import { OwnerId } from '@micropay/schemas/identifiers'
import { startOwner, stopOwner } from '../handle/owner.fixture.ts'
import { createMessageCodec } from '../handle/sagas/message-codec.ts'
import { joinWorkers } from '../share/shares.ts'
import { buildCommandApp } from './build-app.ts'
import { reportWorkers } from './report-workers.ts'

export const ledgerId = 'shared'
const log = createLogger('workers-test', process.env.LOG_LEVEL ?? 'silent')

export type TestWorker = Awaited<ReturnType<typeof startWorker>>

/** A token is whose it is, and its scopes. */
const verifyToken = async (header = '') => {
  const [subject = '', ...scopes] = header.replace('Bearer ', '').split(' ')
  return { subject: OwnerId.parse(subject), client: 'test', tenant: 'main', expiresAt: 0, scopes: new Set(scopes) }
}
export const authorization = 'Bearer operator:olga accounts:manage payments:make payments:book platform:read'

/**
 * A worker in this process: its own connections, leases and state, as main.ts puts them together. Payments across
 * partitions go on only where it has an inbox.
 */
export async function startWorker(workerId: string, url: string, partitions: number, inbox?: Inbox) {
  const clock = systemClock
  const eventLog = openPostgresLog({ url, clock, log })
  const leases = openLeases({ url, clock, log })
  const requestHashKey = 'a key of at least 32 characters.'
  const codec = createMessageCodec(requestHashKey, ledgerId)
  const sagas = inbox && { inbox, parking: openMemoryParkingLot(), codec }
  const shares = await joinWorkers({ leases, ledgerId, partitions, workerId, clock, log })
  const directory = mkdtempSync(join(tmpdir(), 'micropay-worker-'))
  const owners = Array.from({ length: partitions }, (_, partition) =>
    startOwner(eventLog, {
      ...{ ledgerId, partition, partitions, ownerId: workerId, directory, log },
      lease: leases.open(partitionLease(ledgerId, partition), workerId),
      share: shares.of(partition),
      ...(sagas ? { sagas } : {}),
    }),
  )
  const peers = { ...shares, clock, workerId }
  const app = await buildCommandApp({ owners, requestHashKey, verifyToken, log, peers })
  const leaseName = (partition: number) => partitionLease(ledgerId, partition)
  reportWorkers(app, { workerId, owners, leases, leaseName, log: 'postgres', clock, peers: shares, parking: undefined })
  const address = await app.listen({ host: '127.0.0.1', port: 0 })
  const serving = () => owners.flatMap((owner, partition) => (owner.notServingBecause() ? [] : [partition]))
  const end = async () => {
    await Promise.all(owners.map(stopOwner))
    await app.close()
    await shares.close()
    await Promise.all([eventLog.close(), leases.close(), inbox?.close()])
    await rm(directory, { recursive: true, force: true })
  }
  return {
    ...{ workerId, shares, owners, serving, app, address },
    /** Once others have what it had. */
    async stop() {
      await shares.leave()
      await end()
    },
    /** As if its process had ended: its connections are gone. */
    async kill() {
      app.server.closeAllConnections()
      await leases.close()
      await end()
    },
  }
}

/** Waits until each partition is served, by one of these workers, and none has more than it should. */
export async function untilShared(workers: readonly TestWorker[], withinMs = 15_000): Promise<readonly number[][]> {
  const beganMs = systemClock.monotonicMs()
  for (;;) {
    const parts = workers.map((worker) => worker.serving())
    const [first] = workers
    const total = first?.owners.length ?? 0
    const counts = parts.map((each) => each.length)
    const isFair = Math.max(...counts) - Math.min(...counts) <= 1
    if (isFair && new Set(parts.flat()).size === total && parts.flat().length === total) return parts
    if (systemClock.monotonicMs() - beganMs > withinMs) throw new Error(`they are not shared: ${JSON.stringify(parts)}`)
    await systemClock.sleep(20)
  }
}
