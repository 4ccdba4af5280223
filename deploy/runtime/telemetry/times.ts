import { secondsBuckets } from './metric.ts'

/** What a histogram holds of one set of labels; `counts` has one more than there are buckets, for what took longer. */
export type Times = {
  readonly labels: Readonly<Record<string, string>>
  readonly counts: number[]
  sum: number
  count: number
}

/** Labels have few values; were it otherwise once, what comes beyond so many sets is told together. */
const MOST_SETS = 4_000

/**
 * Times by labels, in the order of `names`. It stands on the way of every request, so it makes no text of the labels:
 * OpenTelemetry's own histograms sort and encode them each time, which takes several times as long.
 */
export function createTimes(names: readonly string[]) {
  const root: Level = { next: new Map(), times: undefined }
  const all: Times[] = []

  function timesAt(level: Level, labels: Times['labels']): Times {
    if (level.times) return level.times
    if (all.length > MOST_SETS) return all[MOST_SETS] as Times
    const isRest = all.length === MOST_SETS
    const own = Object.fromEntries(names.map((name) => [name, isRest ? 'other' : (labels[name] ?? '')]))
    const fresh = { labels: own, counts: [0, ...secondsBuckets.map(() => 0)], sum: 0, count: 0 }
    all.push(fresh)
    if (!isRest) level.times = fresh
    return fresh
  }
  return {
    add(seconds: number, labels: Times['labels']): void {
      let level = root
      for (const name of names) level = levelOf(level, labels[name] ?? '', all.length > MOST_SETS)
      const times = timesAt(level, labels)
      let at = 0
      while (at < secondsBuckets.length && seconds > (secondsBuckets[at] ?? 0)) at += 1
      times.counts[at] = (times.counts[at] ?? 0) + 1
      times.sum += seconds
      times.count += 1
    },
    all: (): readonly Times[] => all,
  }
}

/** By the value of one label; at the last one the times. */
type Level = { readonly next: Map<string, Level>; times: Times | undefined }

/** Where nothing new is taken, one that is thrown away again. */
function levelOf(level: Level, value: string, isFull: boolean): Level {
  const known = level.next.get(value)
  if (known) return known
  const fresh: Level = { next: new Map(), times: undefined }
  if (!isFull) level.next.set(value, fresh)
  return fresh
}
