import {
  keptReason,
  keyOf,
  MOST_LISTED,
  MOST_PARKED,
  type Parked,
  type ParkedCount,
  type ParkingLot,
  parkedId,
} from '../parked.ts'

/** A parking lot in this process, for tests: handles opened on one store share what is parked. */
export function openMemoryParkingLot(store: ParkedStore = createParkedStore()): ParkingLot {
  const { messages, more } = store
  const of = (partition?: number) =>
    [...messages.values()].filter((each) => partition === undefined || each.partition === partition)
  const remove = ({ id, partition }: Parked) => {
    messages.delete(id)
    if (of(partition).length === 0) more.delete(partition)
  }
  return {
    technology: 'memory',
    park: async ({ partition, value, reason, at }) => {
      const id = parkedId(keyOf({ partition, value }))
      const before = messages.get(id)
      if (before === undefined && of(partition).length >= MOST_PARKED) {
        more.set(partition, (more.get(partition) ?? 0) + 1)
        return
      }
      const { count, firstAt, lastAt } = before ?? { count: 0, firstAt: at, lastAt: at }
      messages.set(id, {
        ...{ id, partition, value: Uint8Array.from(value), reason: keptReason(reason) },
        ...{ count: count + 1, firstAt: Math.min(firstAt, at), lastAt: Math.max(lastAt, at) },
      })
    },
    list: async (partition) =>
      of(partition)
        .toSorted((one, other) => other.lastAt - one.lastAt)
        .slice(0, MOST_LISTED),
    take: async (id) => {
      const found = messages.get(id)
      if (found) remove(found)
      return found
    },
    drop: async (id) => {
      const found = messages.get(id)
      if (found) remove(found)
      return found !== undefined
    },
    counts: async (): Promise<ParkedCount[]> =>
      [...Map.groupBy(of(), ({ partition }) => partition)]
        .map(([partition, kept]) => ({ partition, kept: kept.length, more: more.get(partition) ?? 0 }))
        .toSorted((one, other) => one.partition - other.partition),
    close: async () => {},
  }
}

export type ParkedStore = {
  readonly messages: Map<string, Parked>
  /** What had no room, by partition. */
  readonly more: Map<number, number>
}

export function createParkedStore(): ParkedStore {
  return { messages: new Map(), more: new Map() }
}
