/**
 * Lets work that may take seconds, such as a large transaction, share a pool of so many connections: so much of it at
 * once that some are left for what is short. A wait for a connection ends with an error, and this one with its turn.
 */
export function createTurns(connections: number): (work: () => Promise<void>) => Promise<void> {
  let free = Math.max(1, connections - LEFT_FOR_OTHERS)
  const waiting: (() => void)[] = []
  return async (work) => {
    if (free > 0) free -= 1
    else await new Promise<void>((begin) => waiting.push(begin))
    try {
      await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else free += 1
    }
  }
}

const LEFT_FOR_OTHERS = 3
