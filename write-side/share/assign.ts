/** By partition: which worker has it, or shall have it; undefined where nobody does. */
export type Holders = readonly (string | undefined)[]

/**
 * Shares partitions out to workers: shares differ by one at most, and as few partitions move as that allows. Every
 * worker that sees the same holders comes to the same answer, and goes on to it while some of the moves are made
 * already: what was moved where it should be changes nothing of the rest.
 */
export function assign(holders: Holders, workers: readonly string[]): Holders {
  const shares = sharesOf(holders, [...new Set(workers)].sort())
  const wanted: (string | undefined)[] = holders.map(() => undefined)
  for (const { worker, held, most } of shares.values()) {
    // What it is the least meant for goes first.
    held.sort((one, other) => meant(worker, other) - meant(worker, one) || one - other)
    held.splice(most)
    for (const partition of held) wanted[partition] = worker
  }
  const free = wanted.flatMap((worker, partition) => (worker === undefined ? [partition] : []))
  const takers = [...shares.values()].filter(({ held, most }) => held.length < most)
  const pairs = free.flatMap((partition) =>
    takers.map((share) => ({ partition, share, score: meant(share.worker, partition) })),
  )
  pairs.sort((one, other) => other.score - one.score || one.partition - other.partition)
  for (const { partition, share } of pairs) {
    if (wanted[partition] !== undefined || share.held.length >= share.most) continue
    wanted[partition] = share.worker
    share.held.push(partition)
  }
  return wanted
}

/** Of each partition the worker that it is meant for once the one that has it is gone. */
export function nextInLine(wanted: Holders, workers: readonly string[]): Holders {
  const next: (string | undefined)[] = wanted.map(() => undefined)
  for (const worker of workers) {
    const left = wanted.map((holder) => (holder === worker ? undefined : holder))
    const without = assign(
      left,
      workers.filter((other) => other !== worker),
    )
    for (const [partition, holder] of wanted.entries()) if (holder === worker) next[partition] = without[partition]
  }
  return next
}

type Share = { readonly worker: string; readonly held: number[]; readonly most: number }

/** Who has more than an equal share may keep one of what does not divide, so that it does not move. */
function sharesOf(holders: Holders, workers: readonly string[]): ReadonlyMap<string, Share> {
  const held = new Map(workers.map((worker) => [worker, [] as number[]]))
  for (const [partition, holder] of holders.entries()) if (holder !== undefined) held.get(holder)?.push(partition)
  const equal = Math.floor(holders.length / workers.length)
  const rest = workers.length === 0 ? 0 : holders.length % workers.length
  const hasMore = (worker: string) => (held.get(worker)?.length ?? 0) > equal
  const first = [...workers.filter(hasMore), ...workers.filter((worker) => !hasMore(worker))].slice(0, rest)
  const most = new Set(first)
  return new Map(
    Array.from(held, ([worker, partitions]) => [
      worker,
      { worker, held: partitions, most: equal + (most.has(worker) ? 1 : 0) },
    ]),
  )
}

/** How much a partition is meant for a worker, as 32 bits (rendezvous hashing: FNV-1a, finished as murmur3 does). */
function meant(worker: string, partition: number): number {
  let hash = 0x811c9dc5
  const name = `${worker} ${partition}`
  for (let index = 0; index < name.length; index += 1) {
    hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193)
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
