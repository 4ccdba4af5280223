import type { ParkedCount, ParkingLot } from '@micropay/event-log/parked'
import type { Clock } from '@micropay/runtime/clock'
import type { Http } from '@micropay/runtime/http'
import type { LeaseHolder } from '@micropay/runtime/lease-table'
import type { Leases } from '@micropay/runtime/leases'
import { type WorkerStatus, WorkerStatusList } from '@micropay/schemas/api/worker'
import { EVENT_GENERATION } from '@micropay/schemas/log/generations'
import { AlarmReason } from '@micropay/schemas/log/void-reason'
import type { OwnerStatus } from '../handle/owner-status.ts'
import type { PartitionOwner } from '../handle/partition-owner.ts'
import type { Shares } from '../share/shares.ts'
import { askOtherWorkers } from './ask-workers.ts'
import { reportVitals } from './report-vitals.ts'

/**
 * GET /v1/workers: how each partition stands at each worker that has something to do with it, and who has its lease;
 * which workers do not say.
 */
export function reportWorkers(app: Http, worker: ReportedWorker): void {
  reportVitals(app, worker)
  app.get(
    '/v1/workers',
    { onRequest: app.allow('platform:read'), schema: { response: { 200: WorkerStatusList } } },
    async (request) => {
      const { owners, leases, leaseName, peers, parking, clock, workerId, fetchWorker } = worker
      const asking = peers ? askOtherWorkers(peers.view(), workerId, request, clock, fetchWorker) : undefined
      const statuses = owners.map((owner) => owner.status()).filter((status) => isConcerned(worker, status))
      const names = statuses.map(({ partition }) => leaseName(partition))
      const [holders, parked] = await Promise.all([
        inTime(clock, leases.holders(names)),
        parking ? inTime(clock, parking.counts()) : [],
      ])
      const others = await asking
      const own = statuses.map((status) => reportOf(worker, status, holders ?? [], parked))
      const items = [...own, ...(others?.items ?? [])].sort((one, other) => one.partition - other.partition)
      return { items, ...(others ? { unreachable: others.unreachable } : {}) }
    },
  )
}

export type ReportedWorker = {
  readonly workerId: string
  readonly owners: readonly PartitionOwner[]
  readonly leases: Pick<Leases, 'holders'>
  /** Undefined on a ledger of one partition, which parks nothing. */
  readonly parking: Pick<ParkingLot, 'counts'> | undefined
  readonly leaseName: (partition: number) => string
  readonly log: string
  readonly clock: Clock
  /** Of several workers: what this one knows of them. */
  readonly peers?: Pick<Shares, 'view' | 'of'>
  readonly fetchWorker?: typeof fetch | undefined
}

/** Partitions that others have, and that this worker does not follow either, say nothing here. */
export function isConcerned({ peers }: Pick<ReportedWorker, 'peers'>, { partition, phase }: OwnerStatus): boolean {
  return peers?.of(partition).part() !== 'leave' || phase !== 'waiting for the lease'
}

const ANSWERED_WITHIN_MS = 1_000

/** Undefined where the database does not answer, which leaves the rest of the report as it is. */
async function inTime<Answer>(clock: Clock, asked: Promise<Answer>): Promise<Answer | undefined> {
  const answered = new AbortController()
  const late = clock.sleep(ANSWERED_WITHIN_MS, answered.signal).then(() => undefined)
  return Promise.race([asked.catch(() => undefined), late]).finally(() => answered.abort())
}

function reportOf(
  worker: ReportedWorker,
  status: OwnerStatus,
  holders: readonly LeaseHolder[],
  parked: readonly ParkedCount[] | undefined,
): WorkerStatus {
  const { partition } = status
  const { open, oldestMs, sent, received, waitsFor } = status.sagas
  const lease = holders.find(({ name }) => name === worker.leaseName(partition))
  return {
    ...{
      worker: worker.workerId,
      ...placeOf(worker, partition),
      partition,
      phase: status.phase,
      stopped: status.stoppedBecause ?? null,
      stateDiscarded: status.stateDiscarded ?? null,
      recordChanged: status.recordChanged ?? null,
      ...(status.snapshot ? { snapshot: snapshotOf(status.snapshot) } : {}),
      epoch: status.epoch,
      seq: status.seq,
    },
    generation: { written: status.generation, known: EVENT_GENERATION },
    ...{ queued: status.queued, inDoubt: status.inDoubt, stateLagCommits: status.stateLagCommits, log: worker.log },
    underWay: { open, oldestMs, sent, received, waitsFor: waitsFor.map((each) => ({ ...each })) },
    parked: parked ? parkedOf(partition, parked) : null,
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

function placeOf({ peers, workerId }: ReportedWorker, partition: number): Pick<WorkerStatus, 'url' | 'part'> {
  if (!peers) return {}
  const url = peers.view()?.workers.get(workerId)?.url
  return { ...(url === undefined ? {} : { url }), part: peers.of(partition).part() }
}

function parkedOf(partition: number, counts: readonly ParkedCount[]) {
  const { kept, more } = counts.find((each) => each.partition === partition) ?? { kept: 0, more: 0 }
  return { kept, more }
}

function snapshotOf({ last, refused, failed }: NonNullable<OwnerStatus['snapshot']>): WorkerStatus['snapshot'] {
  return { last: last ?? null, refused: refused ?? null, failed: failed ?? null }
}
