import type { Habits } from '../habits.ts'
import { createRandom, type Random } from '../random.ts'
import { anyIntent, closingDays, datedBack, meanwhile, openings, type Payment } from './draw-intents.ts'
import { type FaultKind, faultKinds, type LongFaultKind, type LossKind, longFaultKinds } from './fault-names.ts'
import { type Intent, paying } from './intents.ts'
import { PARTITIONS, WORKERS } from './partitions.ts'

/** All that a seed means to do, as data. */
export type Plan = {
  readonly seed: number
  /** In phases: all faults of one are over before the calm that follows, in which the ledger must get on. */
  readonly phases: readonly Phase[]
  readonly commands: readonly PlannedCommand[]
  readonly habits: Habits
  /** In one of the phases all machines are off for up to days. */
  readonly rest: { readonly atMs: number; readonly forMs: number } | undefined
}

export type Phase = { readonly fromMs: number; readonly toMs: number; readonly faults: readonly PlannedFault[] }

export type PlannedFault = {
  readonly id: string
  readonly kind: FaultKind | LongFaultKind | LossKind
  readonly atMs: number
  readonly lengthMs: number
  /** Which machine and which partition it hits, where it hits one. */
  readonly worker: number
  readonly partition: number
}

export type PlannedCommand = {
  readonly id: string
  readonly atMs: number
  readonly key: string
  readonly intent: Intent
  readonly subject: string
  /** How often its client asks before it gives up without an answer. */
  readonly attempts: number
  readonly wait: { readonly ms: number; readonly toTheEnd?: boolean }
  readonly isProbe?: true
}

/** Each so many-th seed has history that is lost, and another one closes days. */
const LOSES_EVERY = 4
const [CLOSES_EVERY, CLOSES_AT] = [4, 3]
const [CLOSINGS, CALLS_OFF, DATED_BACK] = [5, 2, 15]
const PHASES = 2
const FAULTS_A_PHASE = 5
const FAULTS_WITHIN_MS = 12_000
const LONGEST_FAULT_MS = 10_000
/** So long the ledger has to make payments between all partitions once all is well again. */
export const PROGRESS_WITHIN_MS = 30_000
const COMMANDS = 90
const SETUP_MS = 3_000
const HOUR_MS = 3_600_000
const DAY_MS = 86_400_000

export function planOf(seed: number): Plan {
  const random = createRandom(`across ${seed}`)
  const rest = planRest(random.fork('rest'))
  const phases: Phase[] = []
  for (let phase = 0; phase < PHASES; phase += 1) {
    const fromMs = phase === 0 ? SETUP_MS : (phases.at(-1)?.toMs ?? 0) + PROGRESS_WITHIN_MS
    const planned = planPhase(random.fork(`phase ${phase}`), phase, fromMs, seed % LOSES_EVERY === 0)
    const restMs = rest?.phase === phase ? fromMs + rest.afterMs : 0
    // The calm begins behind the rest, too: what is under way then is over its time, as it must be.
    phases.push({ ...planned, toMs: Math.max(planned.toMs, restMs + 1) })
  }
  const commands = Array.from({ length: COMMANDS }, (_, index) =>
    planCommand(random.fork(`command ${index}`), index, phases),
  )
  const others = [
    ...commands.flatMap((planned) => planMeanwhile(random.fork(`meanwhile ${planned.id}`), planned)),
    ...planRetries(random.fork('retries'), commands),
    ...planAlike(random.fork('alike'), commands),
    ...(seed % CLOSES_EVERY === CLOSES_AT ? planClosings(random.fork('closings'), phases) : []),
  ]
  return {
    ...{ seed, phases, habits: planHabits(random.fork('habits')) },
    commands: [...planBeginning(), ...commands, ...others],
    rest: rest && { atMs: (phases[rest.phase]?.fromMs ?? 0) + rest.afterMs, forMs: rest.forMs },
  }
}

function planHabits(random: Random): Habits {
  return {
    hearsOfTruncation: random.chance(0.5),
    legMs: random.pick([1.5, 1.5, 10, 60]),
    answerWithinMs: random.pick([1_000, 3_000, 10_000]),
    heartbeatMs: random.pick([2_000, 5_000]),
  }
}

function planPhase(random: Random, phase: number, fromMs: number, mayLose: boolean): Phase {
  const together = random.chance(0.5) ? fromMs + random.between(0, FAULTS_WITHIN_MS) : undefined
  const place = () => ({ worker: random.below(WORKERS), partition: random.below(PARTITIONS) })
  const faults: PlannedFault[] = Array.from({ length: FAULTS_A_PHASE }, (_, index) => ({
    id: `f${phase}.${index}`,
    kind: random.pick(faultKinds),
    atMs: together === undefined ? fromMs + random.between(0, FAULTS_WITHIN_MS) : together + random.between(0, 1_500),
    lengthMs: random.between(200, LONGEST_FAULT_MS),
    ...place(),
  }))
  if (random.chance(0.09)) {
    const kind = random.pick(longFaultKinds)
    const isAnHour = random.chance(0.1) && kind === 'long: log of one partition away'
    const lengthMs = isAnHour ? HOUR_MS : random.between(90_000, 160_000)
    faults.push({ id: `f${phase}.long`, kind, atMs: fromMs + random.between(0, 5_000), lengthMs, ...place() })
  }
  if (mayLose) faults.push(...planLosses(random.fork('losses'), phase, fromMs))
  const toMs = Math.max(...faults.map(({ atMs, lengthMs }) => atMs + lengthMs))
  return { fromMs, toMs, faults: faults.toSorted((one, other) => one.atMs - other.atMs) }
}

/** One partition loses the end of its log, or several do, at once or one after the other. */
function planLosses(random: Random, phase: number, fromMs: number): PlannedFault[] {
  if (random.chance(0.3)) return []
  const together = random.chance(0.4) ? fromMs + random.between(500, FAULTS_WITHIN_MS) : undefined
  return Array.from({ length: 1 + random.below(3) }, (_, index) => ({
    ...{ id: `f${phase}.lost.${index}`, kind: 'history lost' as const, lengthMs: 1_000 },
    atMs: together === undefined ? fromMs + random.between(500, FAULTS_WITHIN_MS) : together + random.between(0, 400),
    ...{ worker: 0, partition: random.below(PARTITIONS) },
  }))
}

/** Every payment that is under way then is over its time when they begin again. */
function planRest(random: Random) {
  const phase = random.below(PHASES)
  const forMs = Math.floor(random.between(0.001, 5) * DAY_MS)
  return random.chance(0.2) ? { phase, afterMs: random.between(0, FAULTS_WITHIN_MS), forMs } : undefined
}

const persons = ['operator:olga', 'operator:otto'] as const
const patient = { attempts: Number.POSITIVE_INFINITY }

function planBeginning(): PlannedCommand[] {
  return openings.map((intent, index) => ({
    ...{ id: `a${index}`, atMs: index, key: `begin ${index}`, intent, subject: persons[0] },
    ...{ ...patient, wait: { ms: 0 } },
  }))
}

function planCommand(random: Random, index: number, phases: readonly Phase[]): PlannedCommand {
  return {
    ...{ id: `c${index}`, atMs: planTime(random, phases), key: `key ${index}`, intent: anyIntent(random) },
    subject: random.pick(persons),
    attempts: random.chance(0.15) ? 1 + random.below(3) : Number.POSITIVE_INFINITY,
    wait: random.pick([{ ms: 0 }, { ms: 0 }, { ms: 500 }, { ms: 2_000 }, { ms: 2_000, toTheEnd: true }]),
  }
}

/** Days that are closed, or are to be let be, and payments that count in them. */
function planClosings(random: Random, phases: readonly Phase[]): PlannedCommand[] {
  const some = (count: number, name: string, intent: (of: Random) => Intent) =>
    Array.from({ length: count }, (_, index) => {
      const of = random.fork(`${name} ${index}`)
      return { ...planCommand(of, index, phases), id: `${name}${index}`, key: `${name} ${index}`, intent: intent(of) }
    })
  return [
    ...some(CLOSINGS, 'p', closingDays),
    ...some(CALLS_OFF, 'o', () => ({ does: 'call off' })),
    ...some(DATED_BACK, 'd', datedBack),
  ]
}

/** Most come while something is wrong, and some together, so that they are decided together. */
function planTime(random: Random, phases: readonly Phase[]): number {
  const phase = random.pick(phases)
  if (random.chance(0.2)) return phase.fromMs + random.between(0, phase.toMs + 10_000 - phase.fromMs)
  const { atMs, lengthMs } = random.pick(phase.faults)
  const anyTime = atMs + random.between(-100, Math.min(lengthMs, 30_000))
  return random.chance(0.5) ? Math.floor(anyTime / 1_000) * 1_000 : anyTime
}

/** What is done to a payment, or to one of its accounts, some milliseconds after it was asked for. */
function planMeanwhile(random: Random, { id, intent, atMs, key }: PlannedCommand): PlannedCommand[] {
  if (intent.does !== 'ask' || intent.command.type !== 'MakePayment' || !random.chance(0.3)) return []
  const legs = intent.command.data.legs as Payment['legs'] | undefined
  if (!legs) return []
  return [
    {
      ...{ id: `${id}m`, atMs: atMs + random.between(0, random.pick([30, 300, 3_000])), key: `${key}, meanwhile` },
      ...{ intent: meanwhile({ legs, key }, random), subject: random.pick(persons), ...patient, wait: { ms: 0 } },
    },
  ]
}

/**
 * The same again under the same key, at the same time or much later, and sometimes with another body, or with its legs
 * in another order.
 */
function planRetries(random: Random, commands: readonly PlannedCommand[]): PlannedCommand[] {
  return commands
    .filter(() => random.chance(0.25))
    .map((planned) => ({
      ...planned,
      id: `${planned.id}r`,
      atMs: planned.atMs + (random.chance(0.5) ? random.between(0, 50) : random.between(0, 40_000)),
      intent: random.chance(0.3) ? changed(planned.intent, random) : planned.intent,
    }))
}

function changed(intent: Intent, random: Random): Intent {
  const legs = intent.does === 'ask' && intent.command.type === 'MakePayment' ? intent.command.data.legs : undefined
  if (!legs || random.chance(0.5)) return anyIntent(random)
  return { does: 'ask', command: paying(legs.toReversed()) }
}

/** The same payment under keys of their own, at the same time: they begin together, and often end together. */
function planAlike(random: Random, commands: readonly PlannedCommand[]): PlannedCommand[] {
  return commands
    .filter(({ intent }) => intent.does === 'ask' && intent.command.type === 'MakePayment' && random.chance(0.1))
    .map((planned) => ({ ...planned, id: `${planned.id}a`, key: `${planned.key}, alike` }))
}
