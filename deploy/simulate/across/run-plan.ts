import { createParkedStore, openMemoryParkingLot } from '@micropay/event-log/memory/parked'
import { createLogger, type Logger } from '@micropay/runtime/logger'
import { createMessageCodec } from '@micropay/write-side/handle/sagas/message-codec'
import { createLeaseServer } from '../lease-server.ts'
import { createLogServer } from '../log-server.ts'
import type { Outcome } from '../outcome.ts'
import { createOwnerHost, ledgerId } from '../owner-host.ts'
import { BEGINNING_MS, startProcess } from '../process.ts'
import { createRandom } from '../random.ts'
import { createScheduler } from '../scheduler.ts'
import type { Fail, Violation } from '../violation.ts'
import { checkAtRest, unfinished } from './at-rest.ts'
import { probe, runCommand } from './clients.ts'
import { beginFault } from './faults.ts'
import { SECRET } from './forge.ts'
import { createInboxServer, openInboxPort } from './inbox-server.ts'
import { createAsks, type Shown } from './intents.ts'
import { createKnowledge } from './knowledge.ts'
import { createOracle, type Oracle } from './oracle.ts'
import { PARTITIONS, WORKERS } from './partitions.ts'
import { closingIn } from './periods.ts'
import { type Phase, type Plan, type PlannedFault, PROGRESS_WITHIN_MS } from './plan.ts'
import { openOverTime } from './time-over.ts'
import type { World } from './world.ts'

/** So long after the last fault every payment has ended, and everybody who asks again and again has an answer. */
const ALL_ENDED_WITHIN_MS = 120_000
/** By then a partition that cannot be reached is none of the others' business any more. */
const USED_TO_IT_MS = 45_000
/** So long after its time is over everybody who serves has seen that. */
const OVER_MS = 15_000

/** Runs what was planned, and stops at the first rule that is broken. `onLine` is told the trace. */
export async function runPlan(plan: Plan, onLine?: (line: string) => void): Promise<Outcome> {
  let violation: Violation | undefined
  const fail = (found: Violation) => {
    violation ??= found
    world.scheduler.note(`BROKEN ${found.rule}: ${found.detail}`)
  }
  const world = createWorld(plan, fail, onLine)
  const { scheduler, oracle } = world
  const faults = new Map<string, number>()
  for (const { hosts } of world.workers) for (const host of hosts) host.start()
  for (const command of plan.commands) {
    scheduler.after(command.atMs, `asks ${command.id}`, () => void runCommand(world, command))
  }
  for (const [index, phase] of plan.phases.entries()) {
    for (const fault of phase.faults) planFault(world, fault, faults)
    planProgress(world, `${index}`, phase.toMs, undefined)
    planLong(world, phase, index)
  }
  const { rest } = plan
  if (rest) scheduler.after(rest.atMs, 'all machines are off', () => beOff(world, rest.forMs))
  let over = false
  planEnd(world, plan, () => {
    over = true
  })
  const left = (error: unknown) => fail({ rule: 'no error is left alone', detail: String(error) })
  process.on('unhandledRejection', left)
  await scheduler.run(() => over || violation !== undefined)
  process.off('unhandledRejection', left)
  return {
    ...{ seed: plan.seed, traceHash: scheduler.traceHash(), events: scheduler.events() },
    ...{ acknowledged: oracle.told.acknowledged(), commands: plan.commands.length, faults, violation },
    deeds: oracle.deeds.counts(),
  }
}

function createWorld(plan: Plan, fail: Fail, onLine?: (line: string) => void): World {
  const random = createRandom(`across ${plan.seed}`)
  const scheduler = createScheduler(onLine)
  const log = createLogServer(scheduler, PARTITIONS)
  const inbox = createInboxServer(scheduler, random.fork('inbox'))
  const parked = createParkedStore()
  const oracle = createOracle({ nowMs: scheduler.trueMs, fail })
  const leases = Array.from({ length: PARTITIONS }, () => createLeaseServer(scheduler))
  const knowledge = createKnowledge()
  const shared = { scheduler, random, log, inbox, parked, leases, fail, oracle, habits: plan.habits }
  const logger = watched(createLogger('simulated', 'silent'), fail)
  const world: World = {
    ...{ ...shared, logger, knowledge, asks: createAsks(knowledge, shownOf(oracle)), waiting: 0 },
    workers: Array.from({ length: WORKERS }, (_, index) => createWorker(`worker-${index}`, { ...shared, logger })),
    clients: startProcess(scheduler, 'clients', random.fork('clients'), { offsetMs: 0 }),
  }
  log.onChange((partition, appended) => {
    if (appended) oracle.appended(partition, appended)
    else oracle.lost(partition, log.records(partition))
  })
  return world
}

function shownOf({ truths }: Oracle): Shown {
  return {
    seqs: () => truths.map(({ commits }) => commits.at(-1)?.commit.seq ?? 0),
    closing: () => truths[0] && closingIn(truths[0])?.id,
  }
}

type Shared = Pick<
  World,
  'scheduler' | 'random' | 'log' | 'inbox' | 'parked' | 'leases' | 'fail' | 'oracle' | 'habits' | 'logger'
>

/** One machine: an owner of each partition, each with a disk of its own, and a way to the inboxes. */
function createWorker(name: string, { leases, oracle, inbox, parked, ...shared }: Shared) {
  const codec = createMessageCodec(SECRET, ledgerId)
  const hosts = leases.map((lease, partition) =>
    createOwnerHost(
      {
        ...{ ...shared, partition, leases: lease },
        oracle: {
          sent: (process, records) => oracle.sent(partition, process, records),
          answered: (attempt, result) => oracle.answered(partition, attempt, result),
        },
        crashed: () => undefined,
        sagaPorts: (process, { links }) => ({
          inbox: openInboxPort({ scheduler: shared.scheduler, server: inbox, process, link: links.inbox }),
          parking: openMemoryParkingLot(parked),
          codec,
        }),
      },
      `${name}/${partition}`,
    ),
  )
  return { name, hosts }
}

/** What a worker logs as a bug of its own is one. */
function watched(logger: Logger, fail: Fail): Logger {
  const error = (facts: { readonly err?: unknown }, message: string) => {
    if (/a decision threw|messages are not taken|gives positions again/.test(message))
      fail({ rule: 'no bugs', detail: `${message}: ${String(facts.err ?? '')}` })
  }
  return Object.assign(Object.create(logger) as Logger, { error })
}

function planFault(world: World, fault: PlannedFault, counts: Map<string, number>): void {
  const { scheduler } = world
  const { kind, atMs, lengthMs, worker, partition } = fault
  scheduler.after(atMs, `${fault.id} ${kind} at worker-${worker}/${partition}`, () => {
    counts.set(kind, (counts.get(kind) ?? 0) + 1)
    const end = beginFault(kind, world, { worker, partition })
    scheduler.after(lengthMs, `${fault.id} ${kind} is over`, end)
  })
}

/** Nothing happens for so long: workers begin anew behind it. */
function beOff({ scheduler, workers }: World, forMs: number): void {
  const hosts = workers.flatMap((worker) => worker.hosts)
  for (const host of hosts) host.crash()
  scheduler.rest(forMs)
  for (const host of hosts) host.start()
}

/** Where one partition is away for long, the others get on among themselves; and whatever is, times end. */
function planLong(world: World, { faults }: Phase, index: number): void {
  for (const { kind, atMs, lengthMs, partition } of faults) {
    if (!kind.startsWith('long')) continue
    const away = kind === 'long: log of one partition away' ? partition : undefined
    if (away !== undefined) planProgress(world, `${index}, one away`, atMs + USED_TO_IT_MS, away)
    world.scheduler.after(atMs + lengthMs - 1, 'is anything over its time', () => checkTimes(world, away))
  }
}

function checkTimes({ oracle, scheduler, fail }: World, away: number | undefined): void {
  const before = new Date(BEGINNING_MS + scheduler.trueMs() - OVER_MS).toISOString()
  const detail = openOverTime(oracle.truths, { before, away })
  if (detail !== undefined) fail({ rule: 'a time ends', detail })
}

/** From then on payments between all partitions, but the one that is away, come about in time. */
function planProgress(world: World, name: string, fromMs: number, away: number | undefined): void {
  const { scheduler, fail } = world
  const there = Array.from({ length: PARTITIONS }, (_, partition) => partition).filter((each) => each !== away)
  const waiting = new Set(there)
  for (const [index, from] of there.entries()) {
    const to = there[(index + 1) % there.length] ?? 0
    scheduler.after(fromMs, `probes ${name} from ${from} to ${to}`, () => {
      void probe(world, `${name} ${from}`, from, to).then((came) => came && waiting.delete(from))
    })
  }
  scheduler.after(fromMs + PROGRESS_WITHIN_MS - 1, `has got on in ${name}`, () => {
    if (waiting.size === 0) return
    const said = [...waiting].map((from) => `${from} (${standing(world, from)})`)
    fail({ rule: 'it gets on', detail: `in ${name} nothing was paid from ${said.join(', ')}` })
  })
}

function standing({ workers }: World, partition: number): string {
  return workers.map(({ hosts }) => hosts[partition]?.owner?.status().phase ?? 'is down').join(', ')
}

/** Ends once every payment has, and all who ask again and again have an answer, which must be soon. */
function planEnd(world: World, { phases }: Plan, end: () => void): void {
  const { scheduler, fail } = world
  const lastMs = Math.max(...phases.map(({ toMs }) => toMs)) + PROGRESS_WITHIN_MS
  const look = () => {
    const open = unfinished(world)
    if (world.waiting === 0 && open === undefined) return void checkAtRest(world).then(end)
    if (scheduler.nowMs() < lastMs + ALL_ENDED_WITHIN_MS)
      return void scheduler.after(1_000, 'has everybody an answer', look)
    const detail = open ?? `${world.waiting} still wait`
    fail({ rule: open === undefined ? 'everybody has an answer' : 'every payment ends', detail })
  }
  scheduler.after(lastMs, 'has everybody an answer', look)
}
