import type { Outcome } from './outcome.ts'

/** What a plan is made short by: without one of its faults and commands, each by its id, the others stay the same. */
export type Shortable = {
  readonly phases: readonly { readonly faults: readonly Item[] }[]
  readonly commands: readonly Item[]
}
type Item = { readonly id: string; readonly atMs: number }

/** So many runs at most are made to find a shorter schedule. */
const MOST_RUNS = 120

/**
 * The least of a plan that still breaks the same rule: takes out halves, then quarters, and so on down to single
 * faults and commands, as long as it fails without them.
 */
export async function shorten<Plan extends Shortable>(
  plan: Plan,
  rule: string,
  run: (plan: Plan) => Promise<Outcome>,
): Promise<Plan> {
  let runs = 0
  const stillFails = async (candidate: Plan): Promise<boolean> => {
    runs += 1
    const { violation } = await run(candidate)
    return violation?.rule === rule
  }
  let kept = idsOf(plan)
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
export function only<Plan extends Shortable>(plan: Plan, ids: readonly string[]): Plan {
  const wanted = new Set(ids)
  const keep = <Some extends Item>(items: readonly Some[]) => items.filter(({ id }) => wanted.has(id))
  const phases = plan.phases.map((phase) => ({ ...phase, faults: keep(phase.faults) }))
  return { ...plan, phases, commands: keep(plan.commands) }
}

/** Commands first: there are many, and most have nothing to do with it. */
export function idsOf({ phases, commands }: Shortable): string[] {
  return [...commands.map(({ id }) => id), ...phases.flatMap(({ faults }) => faults.map(({ id }) => id))]
}

/** A plan as a person reads it: each fault and each command by the words for it, in the order of their times. */
export function describe<Plan extends Shortable>(
  { phases, commands }: Plan,
  wordsFor: (item: Plan['commands'][number] | Plan['phases'][number]['faults'][number]) => string,
): string {
  return [...phases.flatMap(({ faults }) => faults), ...commands]
    .toSorted((one, other) => one.atMs - other.atMs)
    .map((item) => `  ${(item.atMs / 1_000).toFixed(3).padStart(9)} s  ${item.id} ${wordsFor(item)}`)
    .join('\n')
}
