import { anyIntent, mayHaveAnother, openings, persons } from './draw-intents.ts'
import { type FaultKind, faultKinds } from './fault-names.ts'
import type { Habits } from './habits.ts'
import type { Intent } from './intents.ts'
import { createRandom, type Random } from './random.ts'

/**
 * All that a seed means to do, as data: what is taken out of it leaves the rest as it was, so that a schedule that
 * fails can be made short.
 */
export type Plan = {
  readonly seed: number
  readonly owners: number
  /** In phases: all faults of one are over before the calm that follows, in which the ledger must get on. */
  readonly phases: readonly Phase[]
  readonly commands: readonly PlannedCommand[]
  readonly habits: Habits
  /** Between two phases all machines are off for days. */
  readonly rest: { readonly atMs: number; readonly forMs: number } | undefined
}

export type Phase = { readonly fromMs: number; readonly toMs: number; readonly faults: readonly PlannedFault[] }

export type PlannedFault = {
  readonly id: string
  readonly kind: FaultKind
  readonly atMs: number
  readonly lengthMs: number
  /** Which machine it hits, where it hits one. */
  readonly host: number
}

export type PlannedCommand = {
  readonly id: string
  readonly atMs: number
  readonly key: string
  readonly intent: Intent
  readonly tenant: string
  readonly subject: string
  readonly dryRun: boolean
  /** How often its client asks before it gives up without an answer. */
  readonly attempts: number
}

export const PHASES = 3
const FAULTS_A_PHASE = 5
const FAULTS_WITHIN_MS = 20_000
const LONGEST_FAULT_MS = 15_000
/** So long the ledger has to acknowledge something once all is well again. */
export const PROGRESS_WITHIN_MS = 30_000
/** So long a person may take to see that all is well, or to say that it is, after a fault of the log. */
export const REPAIR_MS = 12_000
const COMMANDS = 180
const SETUP_MS = 3_000
const DAY_MS = 86_400_000
const PHASE_MS = FAULTS_WITHIN_MS + LONGEST_FAULT_MS + REPAIR_MS + PROGRESS_WITHIN_MS

/** Nobody begins to ask later. */
const LAST_MS = SETUP_MS + PHASES * PHASE_MS

export function planOf(seed: number): Plan {
  const random = createRandom(`seed ${seed}`)
  const owners = random.chance(0.5) ? 2 : 3
  const phases = Array.from({ length: PHASES }, (_, phase) => planPhase(random.fork(`phase ${phase}`), phase, owners))
  const commands = Array.from({ length: COMMANDS }, (_, index) =>
    planCommand(random.fork(`command ${index}`), index, phases),
  )
  return {
    ...{ seed, owners, phases, habits: planHabits(random.fork('habits')) },
    commands: [
      ...planBeginning(),
      ...commands,
      ...planRetries(random.fork('retries'), commands),
      ...planAtOnce(random.fork('at once'), commands),
    ],
    rest: planRest(random.fork('rest')),
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

function planPhase(random: Random, phase: number, owners: number): Phase {
  const fromMs = SETUP_MS + phase * PHASE_MS
  // What comes alone is mostly harmless.
  const together = random.chance(0.6) ? fromMs + random.between(0, FAULTS_WITHIN_MS) : undefined
  const faults = Array.from({ length: FAULTS_A_PHASE }, (_, index) => ({
    id: `f${phase}.${index}`,
    kind: random.pick(faultKinds),
    atMs: together === undefined ? fromMs + random.between(0, FAULTS_WITHIN_MS) : together + random.between(0, 1_500),
    lengthMs: random.between(200, LONGEST_FAULT_MS),
    host: random.below(owners),
  }))
  const toMs = Math.max(...faults.map(({ atMs, lengthMs }) => atMs + lengthMs))
  return { fromMs, toMs, faults: faults.toSorted((one, other) => one.atMs - other.atMs) }
}

/** Long enough for proposals to lapse, and for days to close; at any hour. */
function planRest(random: Random): Plan['rest'] {
  const phase = 1 + random.below(PHASES - 1)
  const forMs = Math.floor(random.between(1, 12) * DAY_MS)
  return random.chance(0.5) ? { atMs: SETUP_MS + phase * PHASE_MS - 500, forMs } : undefined
}

/** Both tenants have accounts of the same ids. */
function planBeginning(): PlannedCommand[] {
  return ['main', 'other'].flatMap((tenant) =>
    openings.map((intent, index) => ({
      ...{ id: `${tenant[0]}a${index}`, atMs: index, key: `begin ${index}`, intent },
      ...{ tenant, subject: persons[0], dryRun: false, attempts: Number.POSITIVE_INFINITY },
    })),
  )
}

function planCommand(random: Random, index: number, phases: readonly Phase[]): PlannedCommand {
  return {
    ...{ id: `c${index}`, atMs: planTime(random, phases), key: `key ${index}`, intent: anyIntent(random) },
    tenant: random.chance(0.03) ? 'other' : 'main',
    subject: random.pick(persons),
    dryRun: random.chance(0.03),
    attempts: random.chance(0.15) ? 1 + random.below(3) : Number.POSITIVE_INFINITY,
  }
}

/** Most come while something is wrong, and some together, so that they are decided together. */
function planTime(random: Random, phases: readonly Phase[]): number {
  const phase = random.pick(phases)
  if (random.chance(0.2)) return phase.fromMs + random.between(0, PHASE_MS)
  const { atMs, lengthMs } = random.pick(phase.faults)
  const anyTime = atMs + random.between(-100, lengthMs)
  return random.chance(0.5) ? Math.floor(anyTime / 1_000) * 1_000 : anyTime
}

/** The same again under the same key, at the same time or much later, and sometimes with another body. */
function planRetries(random: Random, commands: readonly PlannedCommand[]): PlannedCommand[] {
  return commands
    .filter(({ dryRun }) => !dryRun && random.chance(0.2))
    .map((planned) => ({
      ...planned,
      id: `${planned.id}r`,
      atMs: Math.min(LAST_MS, planned.atMs + (random.chance(0.5) ? random.between(0, 50) : random.between(0, 60_000))),
      intent: random.chance(0.3) ? anyIntent(random) : planned.intent,
    }))
}

/** Several give one payment back, or decide one proposal: the same at the same time, each under a key of its own. */
function planAtOnce(random: Random, commands: readonly PlannedCommand[]): PlannedCommand[] {
  return commands
    .filter(({ dryRun, intent }) => !dryRun && mayHaveAnother(intent) && random.chance(0.4))
    .flatMap((planned) =>
      Array.from({ length: 1 + random.below(2) }, (_, index) => ({
        ...planned,
        ...{ id: `${planned.id}.${index}`, key: `${planned.key}, once more ${index}` },
        ...{ atMs: planned.atMs + random.between(0, 20), subject: random.pick(persons) },
      })),
    )
}
