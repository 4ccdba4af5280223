import type { EventLog } from '@micropay/event-log/event-log'
import { LogError } from '@micropay/event-log/event-log'
import { FoldError } from '@micropay/event-log/fold'
import type { FoldState } from '@micropay/event-log/fold-state'
import { HistoryError } from '@micropay/event-log/history'
import { followHistory, openHistory, SupersededError } from '@micropay/projections/follow/check-history'
import { openLogPort } from './log-port.ts'
import { ask, createLink, type Link } from './network.ts'
import type { Surroundings } from './owner-host.ts'
import { type Process, startProcess } from './process.ts'
import type { ReadModel } from './read-model.ts'

/**
 * A machine that follows the log into the read model, by the rules of the projections: what the log must lead to, which
 * records are folded, and where it stops. Rows and checkpoint lie in a database far away.
 */
export type FollowerHost = {
  readonly name: string
  readonly links: { readonly log: Link; readonly database: Link }
  start(): void
  crash(): void
  readonly process: Process | undefined
}

const DATABASE_TIMEOUT_MS = 5_000
const STEP_BACK_MS = 300
/** Who stopped looks again after that long. */
const LOOK_AGAIN_MS = 1_000
const READ_RECORDS = 50

export function createFollowerHost(world: Surroundings, model: ReadModel, name: string): FollowerHost {
  const { scheduler, random, habits } = world
  let process: Process | undefined
  let starts = 0
  const host: FollowerHost = {
    name,
    links: { log: createLink(habits.legMs), database: createLink(habits.legMs) },
    get process() {
      return process
    },
    start() {
      if (process) return
      starts += 1
      process = startProcess(scheduler, `${name}.${starts}`, random.fork(`${name}.${starts}`), { offsetMs: 0 })
      void keepFollowing(world, host, model, process)
    },
    crash() {
      process?.crash()
      process = undefined
    },
  }
  return host
}

async function keepFollowing(world: Surroundings, host: FollowerHost, model: ReadModel, process: Process) {
  const { scheduler, log, logger, habits } = world
  const eventLog = openLogPort({
    ...{ scheduler, server: log, process, link: host.links.log, logger, hearsOfTruncation: habits.hearsOfTruncation },
    nextFate: () => 'arrives',
    onSent: () => undefined,
  })
  const inDatabase = <Answer>(label: string, work: () => Answer) =>
    ask<Answer>(
      { scheduler, process, link: host.links.database, label, timeoutMs: DATABASE_TIMEOUT_MS },
      ({ answer, fail }) => {
        try {
          answer(work())
        } catch (error) {
          fail(error instanceof Error ? error : new Error(String(error)))
        }
      },
    )
  let version = 0
  for (;;) {
    try {
      const live = await inDatabase('load the checkpoint', model.live)
      version = live.version
      await follow(eventLog, model, live.checkpoint, inDatabase, logger)
    } catch (error) {
      scheduler.note(`${process.name} steps back: ${String(error)}`)
      if (error instanceof SupersededError) {
        await inDatabase('build anew', () => model.buildAnew(version)).catch(() => undefined)
      } else if (needsPerson(error)) await inDatabase('stop', () => model.stop(String(error))).catch(() => undefined)
      if (needsPerson(error)) await untilLogMoves(eventLog, process, world.partition)
      else await process.clock.sleep(STEP_BACK_MS)
    }
  }
}

/** What a person decides is a record of the log. */
async function untilLogMoves(log: EventLog, { clock }: Process, partition: number): Promise<void> {
  const endOf = () => log.end(partition).catch(() => undefined)
  const end = await endOf()
  for (let now: bigint | undefined; now === undefined || now === end; now = await endOf()) {
    await clock.sleep(LOOK_AGAIN_MS)
  }
}

type InDatabase = <Answer>(label: string, work: () => Answer) => Promise<Answer>

/** From the checkpoint on, until something is in the way. */
async function follow(
  log: EventLog,
  model: ReadModel,
  checkpoint: FoldState,
  inDatabase: InDatabase,
  logger: Surroundings['logger'],
) {
  const { signal } = new AbortController()
  const source = { log, logger, schema: 'the read model', partitions: 1 }
  const history = await openHistory(source, checkpoint, signal)
  await inDatabase('follows', () => model.follows(history.start))
  for await (const { from, state, commits } of followHistory(source, history, { signal, maxRecords: READ_RECORDS })) {
    await inDatabase('apply', () => model.apply(from, state, commits))
  }
}

function needsPerson(error: unknown): boolean {
  if (error instanceof LogError) return error.code === 'log_truncated'
  return error instanceof HistoryError || error instanceof FoldError
}
