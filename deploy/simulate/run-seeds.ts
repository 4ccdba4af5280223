import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { Outcome } from './outcome.ts'
import { type WorldName, worlds } from './worlds.ts'

export type Report = {
  readonly seeds: number
  readonly events: number
  readonly acknowledged: number
  readonly commands: number
  readonly faults: ReadonlyMap<string, number>
  readonly deeds: ReadonlyMap<string, number>
  /** Kinds of faults and of commands that never came: a run that tried none of a kind proves nothing about it. */
  readonly untried: readonly string[]
  readonly failed: readonly Outcome[]
}

/** Runs seeds in threads of their own, one a core, and stops early after so many that failed. */
export async function runSeeds(world: WorldName, from: number, count: number, most = 5): Promise<Report> {
  const outcomes: Outcome[] = []
  let next = from
  const stopped = () => outcomes.filter(({ violation }) => violation).length >= most
  const thread = async () => {
    const worker = new Worker(new URL('./seed-worker.ts', import.meta.url))
    try {
      while (next < from + count && !stopped()) {
        worker.postMessage({ world, seed: next })
        next += 1
        const [outcome] = (await once(worker, 'message')) as [Outcome]
        outcomes.push(outcome)
      }
    } finally {
      await worker.terminate()
    }
  }
  await Promise.all(Array.from({ length: Math.min(count, availableParallelism()) }, thread))
  return reportOf(world, outcomes)
}

function reportOf(world: WorldName, outcomes: readonly Outcome[]): Report {
  const { faultKinds, deedKinds } = worlds[world]
  const faults = new Map<string, number>(faultKinds.map((kind) => [kind, 0]))
  const deeds = new Map<string, number>(deedKinds.map((kind) => [kind, 0]))
  const sum = (of: (outcome: Outcome) => number) => outcomes.reduce((total, outcome) => total + of(outcome), 0)
  for (const outcome of outcomes) {
    for (const [kind, count] of outcome.faults) faults.set(kind, (faults.get(kind) ?? 0) + count)
    for (const [deed, count] of outcome.deeds) deeds.set(deed, (deeds.get(deed) ?? 0) + count)
  }
  return {
    seeds: outcomes.length,
    events: sum(({ events }) => events),
    acknowledged: sum(({ acknowledged }) => acknowledged),
    commands: sum(({ commands }) => commands),
    ...{ faults, deeds },
    untried: [
      ...faultKinds.filter((kind) => faults.get(kind) === 0),
      ...deedKinds.filter((kind) => deeds.get(kind) === 0),
    ],
    failed: outcomes.filter(({ violation }) => violation !== undefined),
  }
}
