import { z } from 'zod'
import { VoidReason } from '../log/void-reason.ts'

/** Payments across partitions that one partition coordinates and that are not over. */
export const PaymentsUnderWay = z
  .object({
    open: z.int(),
    sent: z.int().meta({ description: 'Messages to other partitions since the start.' }),
    received: z.int(),
    oldestMs: z.int().meta({ description: 'How long this worker has gone on with the oldest; 0 where none is open.' }),
    waitsFor: z
      .array(
        z.object({
          partition: z.int(),
          open: z.int().meta({ description: 'Payments that it has not answered.' }),
          oldestMs: z.int(),
          overdue: z.int().meta({ description: 'Those that are more than 30 s past their deadline.' }),
          pastDeadlineMs: z.int().meta({ description: 'How long ago the first deadline was; 0 while all are ahead.' }),
        }),
      )
      .meta({ description: 'The other partitions that they wait for, in order.' }),
  })
  .meta({ id: 'PaymentsUnderWay' })
export type PaymentsUnderWay = z.infer<typeof PaymentsUnderWay>

/** How one worker stands on one partition of the ledger. */
export const WorkerStatus = z
  .object({
    worker: z.string(),
    url: z.string().optional().meta({ description: 'Where the other workers reach it.' }),
    partition: z.int(),
    part: z.enum(['own', 'follow', 'leave']).optional().meta({
      description: 'Whether it is to have the partition, or follows it to get it next, or gives it up.',
    }),
    phase: z.enum([
      'waiting for the lease',
      'waiting for the lease database',
      'claiming the partition',
      'serving',
      'stopped',
    ]),
    stopped: z
      .string()
      .nullable()
      .meta({ description: 'Why it decides nothing until that is mended; null while nothing is wrong.' }),
    stateDiscarded: z.object({ reason: z.string(), at: z.iso.datetime() }).nullable().meta({
      description: 'The last state on disk that was not to be believed, and was folded anew from the log; or null.',
    }),
    recordChanged: z
      .object({ reason: z.string(), at: z.iso.datetime() })
      .nullable()
      .optional()
      .meta({
        description: [
          'A record of the log that is not what was read before, in front of what all have read, and when that was',
          'found; or null. What needs it is refused, everything else decided.',
        ].join(' '),
      }),
    snapshot: z
      .object({
        last: z.object({ seq: z.int(), at: z.iso.datetime() }).nullable(),
        refused: z.object({ name: z.string(), reason: z.string(), at: z.iso.datetime() }).nullable(),
        failed: z.object({ reason: z.string(), at: z.iso.datetime() }).nullable(),
      })
      .optional()
      .meta({
        description: [
          'The newest snapshot of the state; the last one that was not to be believed, and was not used; and why none',
          'could be taken or looked for. Each may be null; without SNAPSHOTS there is none of this.',
        ].join(' '),
      }),
    epoch: z.int(),
    generation: z.object({ written: z.int(), known: z.int() }).optional().meta({
      description:
        'In which generation the partition is written, 0 before its first claim, and the newest that the worker knows.',
    }),
    seq: z.int(),
    queued: z.int().meta({ description: 'Commands that wait to be decided.' }),
    inDoubt: z.int().meta({ description: 'Commands handed to the log whose outcome is not known yet.' }),
    commitsPerSecond: z.number().meta({ description: 'Over the last ten seconds.' }),
    appendLatencyMs: z
      .object({ p50: z.number(), p99: z.number() })
      .nullable()
      .meta({ description: 'Of the appends of the last minute, heartbeats too; null when there was none.' }),
    stateLagCommits: z.int().meta({ description: 'Commits that count and are not in the state on disk yet.' }),
    underWay: PaymentsUnderWay.optional(),
    parked: z
      .object({ kept: z.int(), more: z.int() })
      .nullable()
      .optional()
      .meta({
        description: [
          'Messages of other partitions that could not be handled, as GET /v1/parked lists them, and those that had no',
          'room; null where their store does not answer.',
        ].join(' '),
      }),
    log: z.string().meta({ description: 'The technology of the event log.' }),
    lease: z
      .object({ holder: z.string(), acquiredAt: z.iso.datetime(), expiresAt: z.iso.datetime() })
      .nullable()
      .meta({ description: 'As the table of leases has it; null when nobody has it, or the table does not answer.' }),
    voids: z.object({
      inLog: z.int().meta({ description: 'Void records in the part of the log that the state reflects.' }),
      sinceStart: z.partialRecord(VoidReason, z.int()).meta({ description: 'Those read since this process started.' }),
      last: z
        .array(z.object({ offset: z.string(), reason: VoidReason, seenAt: z.iso.datetime() }))
        .meta({ description: 'The newest of them, newest first; the offset is of the log beneath.' }),
    }),
    chainBrokenAlarms: z
      .int()
      .meta({ description: 'Each is a bug, a truncated log or tampering: see docs/operations.md.' }),
  })
  .meta({ id: 'WorkerStatus' })
export type WorkerStatus = z.infer<typeof WorkerStatus>
/** A worker that lives, and did not say how it stands. */
export const UnreachableWorker = z
  .object({ worker: z.string(), url: z.string(), reason: z.string() })
  .meta({ id: 'UnreachableWorker' })
export type UnreachableWorker = z.infer<typeof UnreachableWorker>
export const WorkerStatusList = z
  .object({ items: z.array(WorkerStatus), unreachable: z.array(UnreachableWorker).optional() })
  .meta({ id: 'WorkerStatusList' })
export type WorkerStatusList = z.infer<typeof WorkerStatusList>
