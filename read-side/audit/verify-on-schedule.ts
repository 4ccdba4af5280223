import { hostname } from 'node:os'
import type { EventLog } from '@micropay/event-log/event-log'
import type { Clock } from '@micropay/runtime/clock'
import { type Leases, whileLeased } from '@micropay/runtime/leases'
import type { Logger } from '@micropay/runtime/logger'
import type { VerificationState } from '@micropay/schemas/api/audit'
import { verifyAcross } from '@micropay/write-side/verify/across/verify-across'
import { verifyPartition } from '@micropay/write-side/verify/verify-partition'
import type { ReadModel } from '../position/open-database.ts'
import { readHeadOf } from '../position/snapshot.ts'
import type { AuditTables } from './audit-tables.ts'
import { compareIndex } from './compare-index.ts'
import {
  keepAcross,
  keepVerification,
  lastSound,
  makeVerificationTable,
  newestVerifications,
  stateOf,
} from './verifications.ts'

/**
 * Verifies the whole log by itself, every so often, one process of all. It reads from the first record each time, since
 * a byte that was changed in an old record shows in no other way. What it finds is kept, and told by `troubledBy`.
 */
export function verifyOnSchedule(deps: ScheduleDeps): Schedule {
  const stop = new AbortController()
  const startedMs = deps.clock.monotonicMs()
  const made = Promise.withResolvers<void>()
  const state: ScheduleState = { deps, startedMs, made, known: undefined, failure: undefined }
  const running = Promise.all([watch(state, stop.signal), lead(state, stop.signal)])
  return {
    troubledBy: () => troubleOf(state),
    async state() {
      state.known = stateOf(await newestVerifications(deps.model), dueBefore(deps))
      return state.known
    },
    async close() {
      stop.abort()
      await running
    },
  }
}

export type ScheduleDeps = {
  readonly log: EventLog
  readonly model: ReadModel<AuditTables>
  readonly clock: Clock
  readonly logger: Logger
  readonly leases: Leases
  /** Undefined: never by itself. */
  readonly everyMs: number | undefined
  /** After a start others need the machine more. */
  readonly firstAfterMs: number
}

export type Schedule = {
  troubledBy(): string | undefined
  state(): Promise<VerificationState>
  close(): Promise<void>
}

type ScheduleState = {
  readonly deps: ScheduleDeps
  readonly startedMs: number
  /** The table; or the service closes. */
  readonly made: PromiseWithResolvers<void>
  known: VerificationState | undefined
  failure: string | undefined
}

const LOOK_EVERY_MS = 1_000
const AGAIN_AFTER_MS = 60_000

function dueBefore({ clock, everyMs = Number.POSITIVE_INFINITY }: ScheduleDeps): string {
  return everyMs === Number.POSITIVE_INFINITY ? '' : new Date(clock.nowMs() - 2 * everyMs).toISOString()
}

function troubleOf({ deps, startedMs, known, failure }: ScheduleState): string | undefined {
  if (known?.sound === false) return `the log is NOT sound, verified at ${known.lastAt}: ${known.finding}`
  if (failure !== undefined) return `the log could not be verified: ${failure}`
  const { everyMs } = deps
  const hadTime = everyMs !== undefined && deps.clock.monotonicMs() - startedMs > 2 * everyMs
  return known?.overdue && hadTime ? `the log was last verified ${known.lastAt ?? 'never'}: it is overdue` : undefined
}

/** What another process found is this one's to tell, too. */
async function watch(state: ScheduleState, signal: AbortSignal): Promise<void> {
  const { deps } = state
  let isMade = false
  while (!signal.aborted) {
    try {
      if (!isMade) await makeVerificationTable(deps.model)
      isMade = true
      state.made.resolve()
      state.known = stateOf(await newestVerifications(deps.model), dueBefore(deps))
    } catch (error) {
      deps.logger.debug({ err: error }, 'the verifications that were made are not known')
    }
    await deps.clock.sleep(LOOK_EVERY_MS, signal)
  }
  state.made.resolve()
}

async function lead(state: ScheduleState, signal: AbortSignal): Promise<void> {
  const { leases, clock, logger: log, everyMs, firstAfterMs } = state.deps
  await state.made.promise
  if (everyMs === undefined || !(await clock.sleep(firstAfterMs, signal))) return
  const lease = leases.open('audit verification', `${hostname()}-${process.pid}`)
  await whileLeased({ lease, clock, log, signal }, async (leased) => {
    while (!leased.aborted) {
      const waitMs = await dueInMs(state, everyMs)
      if (waitMs > 0) await clock.sleep(Math.min(waitMs, LOOK_EVERY_MS), leased)
      else await verifyAll(state, leased)
    }
  })
}

async function dueInMs({ deps }: ScheduleState, everyMs: number): Promise<number> {
  const newest = await newestVerifications(deps.model)
  const oldest = newest.map(({ at }) => Date.parse(at)).sort((a, b) => a - b)[0]
  return oldest === undefined ? 0 : oldest + everyMs - deps.clock.nowMs()
}

/** What cannot be verified is told, and tried again: not knowing counts as something wrong. */
async function verifyAll(state: ScheduleState, signal: AbortSignal): Promise<void> {
  const { log, model, clock, logger } = state.deps
  try {
    const positions = (await readHeadOf(model)())?.positions ?? []
    for (const { partition } of positions) {
      const at = positions.find((one) => one.partition === partition)
      const foldHashes = new Map<number, string>()
      const { verification, fold } = await verifyPartition(log, partition, {
        ...{ clock, signal, kept: await lastSound(model, partition) },
        onProgress: () => clock.sleep(0).then(() => undefined),
        onCommit: ({ seq, hash }) => {
          if (seq === at?.seq) foldHashes.set(seq, hash)
        },
      })
      if (verification.records === 0 && verification.sound) continue
      const index = at ? compareIndex(at, foldHashes.get(at.seq)) : null
      await keepVerification(model, { verification, fold, index, by: 'schedule' })
      const { records, durationMs, faults, sealedOtherwise } = verification
      if (sealedOtherwise.length > 0) logger.warn({ partition, sealedOtherwise }, 'periods seal other figures')
      if (verification.sound && index?.agrees !== false) {
        logger.info({ partition, records, durationMs }, 'the log was verified: it is sound')
      } else {
        const alarm = { alarm: 'log_not_sound', faults: faults.slice(0, 3), index }
        logger.error({ partition, records, durationMs, ...alarm }, 'the log was verified: it is NOT sound')
      }
    }
    if (positions.length > 1) await acrossAll(state, positions.length, signal)
    state.failure = positions.length === 0 ? 'the index of the log is not built yet' : undefined
    // Where there was nothing to verify, it stays due.
    await clock.sleep(LOOK_EVERY_MS, signal)
  } catch (error) {
    if (signal.aborted) return
    state.failure = error instanceof Error ? error.message : String(error)
    logger.warn({ err: error }, 'the log could not be verified')
    await clock.sleep(AGAIN_AFTER_MS, signal)
  }
}

/** What they say of each other. */
async function acrossAll({ deps }: ScheduleState, partitions: number, signal: AbortSignal): Promise<void> {
  const { log, model, clock, logger } = deps
  const onProgress = () => clock.sleep(0).then(() => undefined)
  const verification = await verifyAcross(log, { partitions, clock, signal, onProgress })
  await keepAcross(model, { verification, by: 'schedule' })
  const { faults, underWay, records, durationMs, sharedKeyCount } = verification
  if (verification.sound) {
    logger.info({ records, durationMs, underWay, sharedKeyCount }, 'payments across partitions were verified')
  } else {
    const alarm = { alarm: 'log_not_sound', faults: faults.slice(0, 3) }
    logger.error({ records, durationMs, ...alarm }, 'what partitions say of each other is NOT sound')
  }
}
