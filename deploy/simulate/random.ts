/** Seeded chance: the same seed gives the same draws on every machine. */
export type Random = {
  /** At least 0 and below 1. */
  next(): number
  /** A whole number, at least 0 and below `bound`. */
  below(bound: number): number
  between(low: number, high: number): number
  chance(probability: number): boolean
  pick<Value>(list: readonly Value[]): Value
  /** 128 bits in base64url. */
  id(): string
  /** A source of its own for one part, so that what this part draws moves no draw of another. */
  fork(part: string): Random
}

export function createRandom(seed: string): Random {
  const next = sfc32(seedWords(seed))
  const below = (bound: number) => Math.floor(next() * bound)
  return {
    next,
    below,
    between: (low, high) => low + next() * (high - low),
    chance: (probability) => next() < probability,
    pick(list) {
      const picked = list[below(list.length)]
      if (picked === undefined) throw new RangeError('there is nothing to pick from')
      return picked
    },
    id: () => Buffer.from(Uint8Array.from({ length: 16 }, () => below(256))).toString('base64url'),
    fork: (part) => createRandom(`${seed}/${part}`),
  }
}

/** Four words from a text (xmur3). */
function seedWords(text: string): [number, number, number, number] {
  let state = 1779033703 ^ text.length
  for (let index = 0; index < text.length; index += 1) {
    state = Math.imul(state ^ text.charCodeAt(index), 3432918353)
    state = (state << 13) | (state >>> 19)
  }
  const word = () => {
    state = Math.imul(state ^ (state >>> 16), 2246822507)
    state = Math.imul(state ^ (state >>> 13), 3266489909)
    state ^= state >>> 16
    return state >>> 0
  }
  return [word(), word(), word(), word()]
}

/** Small Fast Counter, 32 bits: passes PractRand, and is some lines. */
function sfc32([first, second, third, count]: [number, number, number, number]): () => number {
  let [a, b, c, counter] = [first, second, third, count]
  return () => {
    const sum = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (c << 21) | (c >>> 11)
    c = (c + sum) | 0
    return (sum >>> 0) / 4294967296
  }
}
