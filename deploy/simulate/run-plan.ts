import { createLogger } from '@micropay/runtime/logger'
import { probe, runCommand } from './clients.ts'
import { seqOnDisk } from './disk.ts'
import type { FaultKind } from './fault-names.ts'
import { beginFault } from './faults.ts'
import { createFollowerHost } from './follower-host.ts'
import { createIntents } from './intents.ts'
import { createKnowledge } from './knowledge.ts'
import { createLeaseServer } from './lease-server.ts'
import { createLogServer } from './log-server.ts'
import { attend } from './operator.ts'
import { createOracle } from './oracle.ts'
import type { Outcome } from './outcome.ts'
import { createOwnerHost, type OwnerHost, type Surroundings } from './owner-host.ts'
import { type Phase, type Plan, type PlannedFault, PROGRESS_WITHIN_MS, REPAIR_MS } from './plan.ts'
import { startProcess } from './process.ts'
import { createRandom } from './random.ts'
import { createReadModel } from './read-model.ts'
import { createScheduler } from './scheduler.ts'
import type { Violation } from './violation.ts'
import { stopOf, watchStops } from './watch-stops.ts'
import type { World } from './world.ts'

/** An idle owner shows readers that it is alive. */
const LONGEST_SILENCE_MS = 7_000

/** What was acknowledged is read after so long. */
const READ_WITHIN_MS = 6_000

/** So long after the last calm everybody who asks again and again has an answer. */
const ALL_ANSWERED_WITHIN_MS = 60_000

/** Runs what was planned, and stops at the first rule that is broken. `onLine` is told the trace. */
export async function runPlan(plan: Plan, onLine?: (line: string) => void): Promise<Outcome> {
  let violation: Violation | undefined
  const fail = (found: Violation) => {
    violation ??= found
    world.scheduler.note(`BROKEN ${found.rule}: ${found.detail}`)
  }
  const world = createWorld(plan, fail, onLine)
  const faults = new Map<FaultKind, number>()
  for (const host of [...world.hosts, ...world.followers]) host.start()
  watchStops(world)
  void attend(world)
  for (const command of plan.commands) {
    world.scheduler.after(command.atMs, `asks ${command.id}`, () => void runCommand(world, command))
  }
  for (const [index, phase] of plan.phases.entries()) {
    for (const fault of phase.faults) planFault(world, fault, phase, faults)
    planProgress(world, phase, index)
  }
  const { rest } = plan
  if (rest) world.scheduler.after(rest.atMs, 'all machines are off', () => beOff(world, rest.forMs))
  let over = false
  const lastMs = Math.max(...plan.phases.map(({ toMs }) => toMs)) + REPAIR_MS + PROGRESS_WITHIN_MS
  planEnd(world, lastMs, () => {
    over = true
  })
  const left = (error: unknown) => fail({ rule: 'no error is left alone', detail: String(error) })
  process.on('unhandledRejection', left)
  await world.scheduler.run(() => over || violation !== undefined)
  process.off('unhandledRejection', left)
  return {
    ...{ seed: plan.seed, traceHash: world.scheduler.traceHash(), events: world.scheduler.events() },
    ...{ acknowledged: world.oracle.acknowledged(), commands: plan.commands.length, faults, violation },
    deeds: world.oracle.deeds.counts(),
  }
}

/** Ends once all who ask again and again have an answer, which must be soon. */
function planEnd(world: World, lastMs: number, end: () => void): void {
  const { scheduler, fail } = world
  const look = () => {
    if (world.waiting === 0) return end()
    if (scheduler.nowMs() < lastMs + ALL_ANSWERED_WITHIN_MS) scheduler.after(1_000, 'has everybody an answer', look)
    else fail({ rule: 'everybody has an answer', detail: `${world.waiting} still wait` })
  }
  scheduler.after(lastMs, 'has everybody an answer', look)
}

function createWorld(plan: Plan, fail: (violation: Violation) => void, onLine?: (line: string) => void): World {
  const partition = 0
  const random = createRandom(`world ${plan.seed}`)
  const scheduler = createScheduler(onLine)
  const log = createLogServer(scheduler, 1)
  const knew = (process: string, seq: number) => {
    const known = world.harm?.knownSeq.get(process.split('.')[0] ?? '')
    return known === undefined || known >= seq
  }
  const oracle = createOracle({
    partition,
    nowMs: scheduler.trueMs,
    fail,
    knew,
    isHarmed: () => world.harm !== undefined,
  })
  const surroundings: Surroundings = {
    ...{ scheduler, random, log, oracle, partition, fail },
    leases: createLeaseServer(scheduler),
    logger: createLogger('simulated', 'silent'),
    crashed({ name, disk }) {
      const known = world.harm?.knownSeq
      known?.set(name, Math.min(known.get(name) ?? 0, seqOnDisk(disk)))
    },
    habits: plan.habits,
  }
  const hosts = Array.from({ length: plan.owners }, (_, index) => createOwnerHost(surroundings, `worker-${index}`))
  const readModel = createReadModel(
    partition,
    (commit) => world.harm !== undefined || oracle.everCounted(commit),
    () => oracle.books,
    fail,
  )
  const followers = ['follower-0', 'follower-1'].map((name) => createFollowerHost(surroundings, readModel, name))
  const clients = startProcess(scheduler, 'clients', random.fork('clients'), { offsetMs: 0 })
  const knowledge = createKnowledge()
  const world: World = {
    ...{ ...surroundings, oracle, hosts },
    followers,
    readModel,
    clients,
    knowledge,
    commandFor: createIntents(knowledge),
    waiting: 0,
    appendedMs: 0,
    harm: undefined,
    wasHarmed: false,
    mayStopUntilMs: 0,
  }
  log.onChange((_, appended) => {
    world.appendedMs = scheduler.nowMs()
    if (appended) oracle.appended(appended)
  })
  return world
}

/** Faults at which an owner may say that it stopped. */
const mayStop = /^clock|^log (truncated|restored|emptied|replaced)|^record|^claim|^resume|^disk full/

function planFault(world: World, fault: PlannedFault, phase: Phase, counts: Map<FaultKind, number>): void {
  const { scheduler, hosts } = world
  const { kind, atMs, lengthMs } = fault
  const host = hosts[fault.host] as OwnerHost
  scheduler.after(atMs, `${fault.id} ${kind} at ${host.name}`, () => {
    counts.set(kind, (counts.get(kind) ?? 0) + 1)
    if (mayStop.test(kind)) world.mayStopUntilMs = phase.toMs + REPAIR_MS + PROGRESS_WITHIN_MS
    const end = beginFault(kind, world, host)
    scheduler.after(lengthMs, `${fault.id} ${kind} is over`, end)
  })
}

/** Nothing happens for so long: workers begin anew behind it. */
function beOff({ scheduler, hosts }: World, forMs: number): void {
  for (const host of hosts) host.crash()
  scheduler.rest(forMs)
  for (const host of hosts) host.start()
}

/** Once all is whole again something new is acknowledged in time. */
function planProgress(world: World, { toMs: overMs }: Phase, phase: number): void {
  const { scheduler, fail } = world
  const toMs = overMs + REPAIR_MS
  let probed = 0
  for (let second = 0; second * 1_000 < PROGRESS_WITHIN_MS; second += 1) {
    scheduler.after(toMs + second * 1_000, `probes ${phase}.${second}`, () => {
      if (probed === 0) void probe(world, `${phase}.${second}`).then((decided) => (probed += decided ? 1 : 0))
    })
  }
  let seqBefore = 0
  scheduler.after(toMs + PROGRESS_WITHIN_MS - READ_WITHIN_MS, 'what is read soon', () => {
    seqBefore = world.oracle.fold.seq
  })
  scheduler.after(toMs + PROGRESS_WITHIN_MS - 1, `has got on in phase ${phase}`, () => {
    const silentMs = scheduler.nowMs() - world.appendedMs
    if (silentMs > LONGEST_SILENCE_MS) fail({ rule: 'an owner beats', detail: `nothing came for ${silentMs} ms` })
    const said = world.hosts.map((host) => `${host.name} ${stopOf(host) ?? host.owner?.status().phase ?? 'is down'}`)
    if (probed === 0) fail({ rule: 'it gets on', detail: `nothing was acknowledged: ${said.join(', ')}` })
    if (world.hosts.some(stopOf)) fail({ rule: 'a stop ends', detail: said.join(', ') })
    checkReadModel(world, seqBefore)
  })
}

/** What is read is what the log says, and soon. */
function checkReadModel({ readModel, oracle, fail }: World, seqBefore: number): void {
  const { seq } = readModel.checkpoint()
  const stopped = readModel.stopped()
  if (stopped !== undefined) fail({ rule: 'a stop ends', detail: `the read model: ${stopped}` })
  else if (seq < seqBefore) fail({ rule: 'reads get on', detail: `the read model is at ${seq}, behind ${seqBefore}` })
  const wrong = readModel.check(oracle.books)
  if (wrong !== undefined) fail({ rule: 'reads are right', detail: `at ${seq}: ${wrong}` })
}
