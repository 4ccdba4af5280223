import type { Intent } from './intents.ts'
import { PHASES, type Phase, type Plan } from './plan.ts'
import { type Outcome, runPlan } from './run-plan.ts'

/** So many runs at most are made to find a shorter schedule. */
const MOST_RUNS = 120

/**
 * The least of a plan that still breaks the same rule: takes out halves, then quarters, and so on down to single
 * faults and commands, as long as it fails without them.
 */
export async function shorten(plan: Plan, rule: string): Promise<Plan> {
  let runs = 0
  const stillFails = async (candidate: Plan): Promise<boolean> => {
    runs += 1
    const { violation }: Outcome = await runPlan(candidate)
    return violation?.rule === rule
  }
  let kept = itemsOf(plan)
  for (
    let size = Math.ceil(kept.length / 2);
    size >= 1 && runs < MOST_RUNS;
    size = size === 1 ? 0 : Math.ceil(size / 2)
  ) {
    for (let from = 0; from < kept.length && runs < MOST_RUNS; ) {
      const without = [...kept.slice(0, from), ...kept.slice(from + size)]
      if (await stillFails(only(plan, without))) kept = without
      else from += size
    }
  }
  return only(plan, kept)
}

/** The same plan with these faults and commands alone. */
export function only(plan: Plan, ids: readonly string[]): Plan {
  const wanted = new Set(ids)
  const keep = (phase: Phase): Phase => ({ ...phase, faults: phase.faults.filter(({ id }) => wanted.has(id)) })
  return { ...plan, phases: plan.phases.map(keep), commands: plan.commands.filter(({ id }) => wanted.has(id)) }
}

/** Commands first: there are many, and most have nothing to do with it. */
function itemsOf({ phases, commands }: Plan): string[] {
  if (phases.length !== PHASES) throw new RangeError('a plan has all its phases')
  return [...commands.map(({ id }) => id), ...phases.flatMap(({ faults }) => faults.map(({ id }) => id))]
}

function meant(intent: Intent): string {
  return intent.does === 'ask' ? intent.command.type : JSON.stringify(intent)
}

/** A plan as a person reads it. */
export function describePlan({ phases, commands }: Plan): string {
  const lines = [
    ...phases.flatMap(({ faults }) =>
      faults.map(({ id, kind, atMs, lengthMs, host }) => ({
        atMs,
        text: `${id} ${kind} at worker-${host} for ${Math.round(lengthMs)} ms`,
      })),
    ),
    ...commands.map(({ id, atMs, key, intent, subject }) => ({
      atMs,
      text: `${id} ${subject}, "${key}": ${meant(intent)}`,
    })),
  ]
  return lines
    .toSorted((one, other) => one.atMs - other.atMs)
    .map(({ atMs, text }) => `  ${(atMs / 1_000).toFixed(3).padStart(9)} s  ${text}`)
    .join('\n')
}
