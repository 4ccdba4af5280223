/** By how much B differs from A: a ratio of B to A, and the interval that holds it. */
export type Difference = { readonly ratio: number; readonly low: number; readonly high: number }

/**
 * The ratio of B to A over rounds that were measured side by side, by the Hodges-Lehmann estimate of the log ratios
 * (the median of the means of all pairs of rounds) and the interval that belongs to Wilcoxon's signed-rank test, from
 * its exact distribution: Hollander and Wolfe, Nonparametric Statistical Methods, 3.2 and 3.3. It assumes that rounds
 * do not depend on each other and scatter alike to both sides, which ratios of one program to itself do; a round that
 * another load fell into moves it little. With too few rounds for the confidence asked the interval has no bounds.
 */
export function differenceOf(a: readonly number[], b: readonly number[], confidence: number): Difference {
  const logs = a.map((value, round) => Math.log((b[round] ?? Number.NaN) / value))
  if (logs.length === 0 || b.length !== a.length || !logs.every(Number.isFinite)) {
    throw new Error('a comparison takes as many figures above 0 of either side')
  }
  const means = meansOfPairs(logs)
  const cut = mostCut(logs.length, (1 - confidence) / 2)
  return {
    ratio: Math.exp(medianOf(means)),
    low: Math.exp(cut < 0 ? Number.NEGATIVE_INFINITY : (means[cut] ?? Number.NaN)),
    high: Math.exp(cut < 0 ? Number.POSITIVE_INFINITY : (means[means.length - 1 - cut] ?? Number.NaN)),
  }
}

/** Noise is told from a difference by the interval: one that holds 1 may be none. */
export function canTell({ low, high }: Difference): boolean {
  return low > 1 || high < 1
}

export function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}

/** The fewest rounds whose interval has bounds at this confidence. */
export function fewestRounds(confidence: number): number {
  return Math.ceil(1 - Math.log2(1 - confidence))
}

/** Walsh averages, in order: each with each, and each with itself. */
function meansOfPairs(values: readonly number[]): number[] {
  return values.flatMap((one, index) => values.slice(index).map((other) => (one + other) / 2)).sort((a, b) => a - b)
}

/** The largest k for which a signed-rank sum of at most k is no likelier than `tail`; -1 when there is none. */
function mostCut(rounds: number, tail: number): number {
  // The chance of each sum of ranks, where each rank counts or not at even odds.
  let chances = [1]
  for (let rank = 1; rank <= rounds; rank += 1) {
    const next = new Array<number>(chances.length + rank).fill(0)
    chances.forEach((chance, sum) => {
      next[sum] = (next[sum] ?? 0) + chance / 2
      next[sum + rank] = (next[sum + rank] ?? 0) + chance / 2
    })
    chances = next
  }
  let below = 0
  for (const [sum, chance] of chances.entries()) {
    below += chance
    if (below > tail) return sum - 1
  }
  return chances.length - 1
}
