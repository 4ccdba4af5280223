import type { Pool } from 'pg'

/**
 * Does work that may take seconds, such as a large transaction, on a pool that many share: so many at once that some of
 * its connections are left for what is short. A wait for a connection ends with an error, and this one with its turn.
 */
export async function inTurn(pool: Pool, work: () => Promise<void>): Promise<void> {
  const turns = turnsOf.get(pool) ?? { free: Math.max(1, pool.options.max - LEFT_FOR_OTHERS), waiting: [] }
  turnsOf.set(pool, turns)
  if (turns.free > 0) turns.free -= 1
  else await new Promise<void>((begin) => turns.waiting.push(begin))
  try {
    await work()
  } finally {
    const next = turns.waiting.shift()
    if (next) next()
    else turns.free += 1
  }
}

const turnsOf = new WeakMap<Pool, Turns>()

type Turns = {
  free: number
  readonly waiting: (() => void)[]
}

const LEFT_FOR_OTHERS = 3
