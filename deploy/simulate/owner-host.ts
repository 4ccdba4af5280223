import type { Logger } from '@micropay/runtime/logger'
import type { CommandRequest, CommandResult } from '@micropay/write-side/handle/command'
import { type PartitionOwner, startPartitionOwner } from '@micropay/write-side/handle/partition-owner'
import type { SagaPorts } from '@micropay/write-side/handle/sagas/engine-state'
import { createStateOpener } from '@micropay/write-side/state/state-opener'
import type { Attempt } from './attempt.ts'
import { createDisk, type Disk, diskOf } from './disk.ts'
import type { Habits } from './habits.ts'
import { type LeaseServer, openLeasePort } from './lease-server.ts'
import { type AppendFate, openLogPort } from './log-port.ts'
import type { LogServer } from './log-server.ts'
import { createLink, type Link } from './network.ts'
import type { Oracle } from './oracle.ts'
import { type Process, startProcess, type WallClock } from './process.ts'
import type { Random } from './random.ts'
import type { Scheduler } from './scheduler.ts'
import type { Violation } from './violation.ts'

/** What the machines of one world share. */
export type Surroundings = {
  readonly scheduler: Scheduler
  readonly random: Random
  readonly log: LogServer
  readonly leases: LeaseServer
  /** Whoever sees what a worker sends and answers. */
  readonly oracle: Pick<Oracle, 'sent' | 'answered'>
  readonly logger: Logger
  readonly partition: number
  readonly habits: Habits
  fail(violation: Violation): void
  /** Of a ledger of several partitions: how a worker's process speaks to the others. */
  sagaPorts?(process: Process, host: OwnerHost): SagaPorts
  /** What a worker knew and had not written is lost. */
  crashed(host: OwnerHost): void
}

/** A machine with a command worker, which a supervisor starts again. */
export type OwnerHost = {
  readonly name: string
  readonly links: { readonly log: Link; readonly lease: Link; readonly clients: Link; readonly inbox: Link }
  readonly wall: WallClock
  readonly disk: Disk
  /** What appends meet from now on, each with that probability. */
  appendFault: { readonly fate: AppendFate; readonly probability: number } | undefined
  /** One of the records that are read next does not arrive. */
  skipsRecord: boolean
  /** The name under which the worker asks for the lease. */
  ownerId: string
  start(): void
  crash(): void
  /** Asks the worker to end in order, and crashes it when it has not after the time that a supervisor gives it. */
  stop(): void
  readonly process: Process | undefined
  readonly owner: PartitionOwner | undefined
  /** Undefined when nobody is there. */
  submit(request: CommandRequest, answer: (result: CommandResult) => void, gone: () => void): void
}

export const ledgerId = 'simulated'

/** A worker that must not go on ends; its supervisor starts it again after so long. */
const RESTART_MS = 1_000
const STOP_WITHIN_MS = 15_000
/** A caller waits 10 s for an outcome; late answers are swept a little later. */
const ANSWER_WITHIN_MS = 13_000

export function createOwnerHost(world: Surroundings, name: string): OwnerHost {
  const { scheduler, random, habits } = world
  let running: { readonly process: Process; readonly owner: PartitionOwner } | undefined
  let starts = 0
  const wall = { offsetMs: 0 }
  const machine = startProcess(scheduler, `${name} disk`, random.fork(`${name} disk`), wall)
  const open = new Set<() => void>()
  const host: OwnerHost = {
    name,
    links: {
      ...{ log: createLink(habits.legMs), lease: createLink(habits.legMs) },
      ...{ clients: createLink(habits.legMs), inbox: createLink(habits.legMs) },
    },
    wall,
    disk: createDisk(machine, random.fork(`${name} writes`)),
    appendFault: undefined,
    skipsRecord: false,
    ownerId: name,
    get process() {
      return running?.process
    },
    get owner() {
      return running?.owner
    },
    start() {
      if (running) return
      starts += 1
      const part = `${name}.${starts}`
      const process = startProcess(scheduler, part, random.fork(part), host.wall)
      running = { process, owner: startOwner(world, host, process) }
    },
    crash() {
      running?.process.crash()
      // No worker believes what is torn, so what it says of the log is known to nobody.
      if (!host.disk.content.crash()) host.disk.isSpoiled = true
      running = undefined
      world.crashed(host)
      for (const gone of open) gone()
      open.clear()
    },
    stop() {
      const stopping = running
      if (!stopping) return
      const { process, owner } = stopping
      const end = () => running === stopping && host.crash()
      process.after(STOP_WITHIN_MS, 'stop takes too long', () => {
        world.fail({ rule: 'a worker stops in time', detail: `${process.name} is still there` })
      })
      void owner.stop().then(end)
    },
    submit(request, answer, gone) {
      if (!running) return gone()
      const { process, owner } = running
      open.add(gone)
      process.after(0, 'receives', () => {
        const attempt = { process: process.name, request, sinceMs: scheduler.trueMs() }
        const watch = watchAnswer(world, process, attempt)
        void owner.submit(request).then((result) => {
          open.delete(gone)
          watch.end()
          world.oracle.answered(attempt, result)
          scheduler.note(`${process.name}: ${request.idempotencyKey} ${shown(result)}`)
          answer(result)
        })
      })
    },
  }
  return host
}

/** Every wait has an end: an owner that runs answers in time, whatever does not answer it. */
function watchAnswer({ fail }: Surroundings, process: Process, { request }: Attempt): { end(): void } {
  const watch = (ms: number, then: () => void) => process.after(ms, 'should have answered', then)
  const late = () =>
    fail({ rule: 'every wait has an end', detail: `${process.name} does not answer ${request.idempotencyKey}` })
  // After a pause all that was due meanwhile is done: the answer may be next.
  let watching = watch(ANSWER_WITHIN_MS + (request.wait?.ms ?? 0), () => {
    watching = watch(1_000, late)
  })
  return { end: () => watching.cancel() }
}

function startOwner(world: Surroundings, host: OwnerHost, process: Process): PartitionOwner {
  const { scheduler, log, leases, oracle, logger, partition, habits } = world
  const eventLog = openLogPort({
    ...{ scheduler, server: log, process, link: host.links.log, logger, hearsOfTruncation: habits.hearsOfTruncation },
    nextFate: () => {
      const fault = host.appendFault
      return fault && process.random.chance(fault.probability) ? fault.fate : 'arrives'
    },
    skips: () => {
      const { skipsRecord } = host
      host.skipsRecord = false
      return skipsRecord
    },
    onSent: (_, records) => oracle.sent(process.name, records),
  })
  const { links, ownerId } = host
  const context = { ledgerId, partition }
  return startPartitionOwner({
    eventLog,
    openStore: createStateOpener(diskOf(host.disk, process), context),
    lease: openLeasePort({ scheduler, server: leases, process, link: links.lease, ownerId }),
    context,
    partitions: log.partitions,
    ...{ ownerId, clock: process.clock, log: logger },
    limits: { answerWithinMs: habits.answerWithinMs, heartbeatMs: habits.heartbeatMs },
    ...(world.sagaPorts ? { sagas: world.sagaPorts(process, host) } : {}),
    onFatal(error) {
      scheduler.note(`${process.name} ends: ${error.message}`)
      if (host.process !== process) return
      host.crash()
      scheduler.after(RESTART_MS, `${host.name} is started again`, host.start)
    },
  })
}

export function shown(result: CommandResult): string {
  if (result.kind === 'refused') return `${result.code} (${result.detail})`
  const { position, replayed } = result
  const code = result.kind === 'rejected' ? ` ${result.rejection.code}` : ''
  return `${result.kind}${code} ${position?.seq ?? 'dry run'}${replayed ? ' again' : ''}`
}
