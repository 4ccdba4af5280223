import type { Clock } from '@micropay/runtime/clock'
import { CLOCKS_APART_MS, MOST_MEMBERS, type SharedMemory } from '../shared-memory.ts'
import { createBudgets } from './budgets.ts'

/** The memory of a gateway that is alone: it is never away, and ends with the process. */
export function openInProcessMemory(clock: Clock): SharedMemory {
  const budgets = createBudgets(clock.monotonicMs)
  const sets = new Map<string, Map<string, number>>()
  const listeners = new Map<string, ((text: string) => void)[]>()

  function current(set: string): Map<string, number> {
    const members = sets.get(set) ?? new Map<string, number>()
    sets.set(set, members)
    return members
  }
  return {
    kind: 'process',
    take: async (name, budget, most) => budgets.take(name, budget, most),
    owe: async (name, cost, budget) => budgets.owe(name, cost, budget),
    async add(set, added) {
      const members = current(set)
      let fresh = 0
      for (const [member, untilMs] of added) {
        if (!members.has(member)) fresh += 1
        members.set(member, Math.max(untilMs, members.get(member) ?? 0))
      }
      if (members.size > MOST_MEMBERS) dropEnded(members, clock.nowMs() - CLOCKS_APART_MS)
      if (members.size > MOST_MEMBERS) dropSoonest(members)
      return fresh
    },
    async among(set, members) {
      const known = sets.get(set)
      const nowMs = clock.nowMs()
      return new Map(members.map((one) => [one, known?.get(one) ?? 0] as const).filter(([, endMs]) => endMs > nowMs))
    },
    async members(set) {
      const nowMs = clock.nowMs()
      return new Map([...(sets.get(set) ?? [])].filter(([, untilMs]) => untilMs > nowMs))
    },
    async publish(channel, text) {
      for (const hear of listeners.get(channel) ?? []) hear(text)
    },
    subscribe: (channel, hear) => void listeners.set(channel, [...(listeners.get(channel) ?? []), hear]),
    onReach: (work) => work(),
    away: () => undefined,
    failuresPerSecond: () => 0,
    close: async () => listeners.clear(),
  }
}

function dropEnded(members: Map<string, number>, beforeMs: number): void {
  for (const [member, untilMs] of members) if (untilMs <= beforeMs) members.delete(member)
}

/** A tenth at once, since whoever sorts a hundred thousand does not do it for each that comes. */
function dropSoonest(members: Map<string, number>): void {
  const soonest = [...members].toSorted(([, one], [, other]) => one - other).slice(0, MOST_MEMBERS / 10)
  for (const [member] of soonest) members.delete(member)
}
