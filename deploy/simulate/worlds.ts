import { deedKinds as acrossDeeds } from './across/deeds.ts'
import { faultKinds as acrossFaults, longFaultKinds, lossKinds } from './across/fault-names.ts'
import {
  type PlannedCommand as AcrossCommand,
  type PlannedFault as AcrossFault,
  planOf as planAcross,
} from './across/plan.ts'
import { runPlan as runAcross } from './across/run-plan.ts'
import { deedKinds } from './deeds.ts'
import { faultKinds } from './fault-names.ts'
import type { Outcome } from './outcome.ts'
import { type PlannedCommand, type PlannedFault, planOf } from './plan.ts'
import { runPlan } from './run-plan.ts'
import { describe, idsOf, only, type Shortable, shorten } from './shorten.ts'

/** What is simulated: `one` partition with everything that a ledger does, or payments `across` several. */
export type WorldName = 'one' | 'across'
export const worldNames: readonly WorldName[] = ['one', 'across']

export type SimulatedWorld = {
  /** What must have happened in a run: of a kind that never came it proves nothing. */
  readonly faultKinds: readonly string[]
  readonly deedKinds: readonly string[]
  /** Runs a seed; with `keep` those of its commands and faults alone. `onLine` is told the trace. */
  run(seed: number, keep?: readonly string[], onLine?: (line: string) => void): Promise<Outcome>
  /** The least of a seed that still breaks that rule. */
  shorten(seed: number, rule: string): Promise<{ readonly keep: readonly string[]; readonly described: string }>
}

type Parts<Plan extends Shortable> = {
  planOf(seed: number): Plan
  runPlan(plan: Plan, onLine?: (line: string) => void): Promise<Outcome>
  wordsFor(item: Plan['commands'][number] | Plan['phases'][number]['faults'][number]): string
}

function worldOf<Plan extends Shortable>(
  { planOf, runPlan, wordsFor }: Parts<Plan>,
  kinds: Pick<SimulatedWorld, 'faultKinds' | 'deedKinds'>,
): SimulatedWorld {
  return {
    ...kinds,
    run: (seed, keep, onLine) => runPlan(keep === undefined ? planOf(seed) : only(planOf(seed), keep), onLine),
    async shorten(seed, rule) {
      const least = await shorten(planOf(seed), rule, runPlan)
      return { keep: idsOf(least), described: describe(least, wordsFor) }
    },
  }
}

export const worlds: Readonly<Record<WorldName, SimulatedWorld>> = {
  one: worldOf({ planOf, runPlan, wordsFor }, { faultKinds, deedKinds }),
  across: worldOf(
    { planOf: planAcross, runPlan: runAcross, wordsFor: wordsAcross },
    { faultKinds: [...acrossFaults, ...longFaultKinds, ...lossKinds], deedKinds: acrossDeeds },
  ),
}

function wordsFor(item: PlannedCommand | PlannedFault): string {
  if ('kind' in item) return `${item.kind} at worker-${item.host} for ${Math.round(item.lengthMs)} ms`
  return `${item.subject}, "${item.key}": ${meant(item.intent)}`
}

function wordsAcross(item: AcrossCommand | AcrossFault): string {
  if ('kind' in item) {
    return `${item.kind} at worker-${item.worker}, partition ${item.partition}, for ${Math.round(item.lengthMs)} ms`
  }
  return `${item.subject}, "${item.key}": ${meant(item.intent)}`
}

type Meant = { readonly does: string; readonly command?: { readonly type: string; readonly data: object } }

function meant(intent: Meant): string {
  if (!intent.command) return JSON.stringify(intent)
  const { type, data } = intent.command
  return 'legs' in data ? `${type} ${JSON.stringify(data.legs)}` : type
}
