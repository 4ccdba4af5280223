import type { Clock } from '@micropay/runtime/clock'
import type { Http } from '@micropay/runtime/http'
import type { LeaseHolder } from '@micropay/runtime/lease-table'
import type { Leases } from '@micropay/runtime/leases'
import { type WorkerStatus, WorkerStatusList } from '@micropay/schemas/api/worker'
import { EVENT_GENERATION } from '@micropay/schemas/log/generations'
import { AlarmReason } from '@micropay/schemas/log/void-reason'
import type { OwnerStatus } from '../handle/owner-status.ts'
import type { PartitionOwner } from '../handle/partition-owner.ts'

/** GET /v1/workers: how each partition of this worker stands, and who has its lease. */
export function reportWorkers(app: Http, worker: ReportedWorker): void {
  app.get(
    '/v1/workers',
    { onRequest: app.allow('projections:read'), schema: { response: { 200: WorkerStatusList } } },
    async () => {
      const statuses = worker.owners.map((owner) => owner.status())
      const holders = await holdersWithin(
        worker,
        statuses.map(({ partition }) => worker.leaseName(partition)),
      )
      return { items: statuses.map((status) => reportOf(worker, status, holders)) }
    },
  )
}

export type ReportedWorker = {
  readonly workerId: string
  readonly owners: readonly PartitionOwner[]
  readonly leases: Pick<Leases, 'holders'>
  readonly leaseName: (partition: number) => string
  readonly log: string
  readonly clock: Clock
}

const LEASES_WITHIN_MS = 1_000

/** A table of leases that does not answer leaves the rest of the report as it is. */
async function holdersWithin(
  { leases, clock }: ReportedWorker,
  names: readonly string[],
): Promise<readonly LeaseHolder[]> {
  const answered = new AbortController()
  const late = clock.sleep(LEASES_WITHIN_MS, answered.signal).then(() => [])
  return Promise.race([leases.holders(names).catch(() => []), late]).finally(() => answered.abort())
}

function reportOf(worker: ReportedWorker, status: OwnerStatus, holders: readonly LeaseHolder[]): WorkerStatus {
  const { partition } = status
  const lease = holders.find(({ name }) => name === worker.leaseName(partition))
  return {
    ...{
      worker: worker.workerId,
      partition,
      phase: status.phase,
      stopped: status.stoppedBecause ?? null,
      stateDiscarded: status.stateDiscarded ?? null,
      recordChanged: status.recordChanged ?? null,
      epoch: status.epoch,
      seq: status.seq,
    },
    generation: { written: status.generation, known: EVENT_GENERATION },
    ...{ queued: status.queued, inDoubt: status.inDoubt, stateLagCommits: status.stateLagCommits, log: worker.log },
    commitsPerSecond: status.commitsPerSecond,
    appendLatencyMs: status.appendLatencyMs ?? null,
    lease: lease
      ? { holder: lease.ownerId, acquiredAt: lease.acquiredAt.toISOString(), expiresAt: lease.expiresAt.toISOString() }
      : null,
    voids: {
      inLog: status.voidsInLog,
      sinceStart: status.voidsSinceStart,
      last: status.lastVoids.map(({ offset, ...seen }) => ({ offset: offset.toString(), ...seen })),
    },
    chainBrokenAlarms: AlarmReason.options.reduce((sum, reason) => sum + (status.voidsSinceStart[reason] ?? 0), 0),
  }
}
