import type { ParkedCount, ParkingLot } from '@micropay/event-log/parked'
import type { Metrics, Tell } from '@micropay/runtime/telemetry/told'
import { VoidReason } from '@micropay/schemas/log/void-reason'
import type { OwnerStatus } from '../handle/owner-status.ts'
import type { PartitionOwner } from '../handle/partition-owner.ts'
import { paymentOutcomes } from '../handle/payment-outcomes.ts'
import { stopKinds } from '../handle/stop-reason.ts'

export type MeasuredOwners = {
  readonly owners: readonly PartitionOwner[]
  /** Undefined on a ledger of one partition, which parks nothing. */
  readonly parking: Pick<ParkingLot, 'counts'> | undefined
  /** Whether this worker has anything to say of a partition. */
  readonly isConcerned: (status: OwnerStatus) => boolean
  readonly nowMs: () => number
}

const PARKED_EVERY_MS = 5_000
/** Told before there was any: a rate begins with a zero. */
const usualOutcomes = ['accepted', 'rejected', 'replayed', 'dry_run', 'overloaded', 'outcome_unknown']

/** How each partition stands at this worker. */
export function measureOwners(metrics: Metrics | undefined, measured: MeasuredOwners): void {
  const { owners, parking, isConcerned, nowMs } = measured
  metrics?.read((tell) => {
    // Each status counts what a minute held: once for each partition.
    const all = owners.map((owner) => owner.status())
    for (const status of all) tellPlace(tell, status)
    for (const status of all.filter(isConcerned)) {
      tellWork(tell, status)
      tellUnderWay(tell, status)
      tellState(tell, status, nowMs())
      if (!parking) tellParked(tell, status, [])
    }
  })
  if (!parking) return
  metrics?.ask({
    name: 'parked',
    everyMs: PARKED_EVERY_MS,
    async ask(tell) {
      const counts = await parking.counts()
      for (const status of owners.map((owner) => owner.status()).filter(isConcerned)) tellParked(tell, status, counts)
    },
  })
}

/** Is told how long each append of a partition took; undefined where nothing is measured. */
export function timeAppends(
  metrics: Metrics | undefined,
  partition: number,
): ((latencyMs: number) => void) | undefined {
  const took = metrics?.timed('micropay_append_duration_seconds')
  const labels = { partition: String(partition) }
  return took && ((latencyMs) => took(latencyMs / 1000, labels))
}

function tellPlace(tell: Tell, { partition, phase, stopKind }: OwnerStatus): void {
  const labels = { partition: String(partition) }
  tell('micropay_partition_serving', phase === 'serving' ? 1 : 0, labels)
  for (const reason of stopKinds) {
    tell('micropay_partition_stopped', reason === stopKind ? 1 : 0, { ...labels, reason })
  }
}

function tellWork(tell: Tell, { partition, ...status }: OwnerStatus): void {
  const labels = { partition: String(partition) }
  const commands = { ...Object.fromEntries(usualOutcomes.map((outcome) => [outcome, 0])), ...status.commandsSinceStart }
  for (const [outcome, count] of Object.entries(commands))
    tell('micropay_commands_total', count, { ...labels, outcome })
  for (const outcome of paymentOutcomes) {
    tell('micropay_payments_total', status.paymentsSinceStart[outcome] ?? 0, { ...labels, outcome })
  }
  for (const reason of VoidReason.options) {
    tell('micropay_void_records_total', status.voidsSinceStart[reason] ?? 0, { ...labels, reason })
  }
  tell('micropay_commits_total', status.commitsSinceStart, labels)
  tell('micropay_command_queue_length', status.queued, labels)
  tell('micropay_command_queue_max', status.queuedMost, labels)
  tell('micropay_appends_in_doubt', status.stuckInDoubt, labels)
}

function tellUnderWay(tell: Tell, { partition, sagas }: OwnerStatus): void {
  const labels = { partition: String(partition) }
  tell('micropay_payments_open', sagas.open, labels)
  const overdue = sagas.waitsFor.reduce((sum, each) => sum + each.overdue, 0)
  tell('micropay_payments_overdue', overdue, labels)
  tell('micropay_payment_open_oldest_seconds', sagas.oldestMs / 1000, labels)
}

function tellState(tell: Tell, { partition, snapshot, ...status }: OwnerStatus, nowMs: number): void {
  const labels = { partition: String(partition) }
  tell('micropay_state_lag_commits', status.stateLagCommits, labels)
  tell('micropay_state_discarded', status.stateDiscarded ? 1 : 0, labels)
  tell('micropay_record_changed', status.recordChanged ? 1 : 0, labels)
  tell('micropay_snapshot_failed', snapshot?.failed || snapshot?.refused ? 1 : 0, labels)
  if (snapshot?.last) {
    tell('micropay_snapshot_age_seconds', Math.max(0, nowMs - Date.parse(snapshot.last.at)) / 1000, labels)
  }
}

function tellParked(tell: Tell, { partition }: OwnerStatus, counts: readonly ParkedCount[]): void {
  const { kept, more } = counts.find((each) => each.partition === partition) ?? { kept: 0, more: 0 }
  tell('micropay_parked_messages', kept + more, { partition: String(partition) })
}
