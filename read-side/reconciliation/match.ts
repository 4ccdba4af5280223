/** A line may stand so many days from its entry: weekends and the value date of card payments. */
export const DATE_TOLERANCE_DAYS = 3

export type MatchLine = {
  readonly amount: bigint
  /** Booking and value date, as days. */
  readonly days: readonly string[]
  readonly references: readonly string[]
  readonly text: string | undefined
}

/** An entry of the account in the bank's sign: what came into the bank account is positive. */
export type MatchEntry = { readonly amount: bigint; readonly day: string; readonly reference: string | undefined }

export type Match = { readonly line: number; readonly entry: number; readonly by: 'reference' | 'amount' }
export type Matching = {
  readonly matched: readonly Match[]
  readonly differing: readonly { readonly line: number; readonly entry: number }[]
}

/**
 * Pairs a statement's lines with entries, each used at most once, always the same way for the same input: first what
 * has the same reference and the very same amount, then, where one of both names no reference, the very same amount
 * alone; dates may lie DATE_TOLERANCE_DAYS apart. The nearest day wins, then the earlier line, then the earlier entry.
 * What is left with the same reference differs in its amount.
 */
export function matchLines(lines: readonly MatchLine[], entries: readonly MatchEntry[]): Matching {
  const free = { lines: new Set(lines.keys()), entries: new Set(entries.keys()) }
  const matchedByReference = takePairs(lines, entries, free, {
    keysOf: ({ amount }, references) => references.map((reference) => `${amount} ${reference}`),
    keyOf: ({ amount }, reference) => (reference === undefined ? [] : [`${amount} ${reference}`]),
  })
  // A line without a reference takes any entry of its amount, one with a reference only an entry without.
  const matchedByAmount = takePairs(lines, entries, free, {
    keysOf: (line) => [line.references.length === 0 ? `any ${line.amount}` : `bare ${line.amount}`],
    keyOf: ({ amount, reference }) => [`any ${amount}`, ...(reference === undefined ? [`bare ${amount}`] : [])],
  })
  const differing = takePairs(lines, entries, free, {
    keysOf: (_line, references) => references,
    keyOf: (_entry, reference) => (reference === undefined ? [] : [reference]),
  })
  const matched = [
    ...matchedByReference.map((pair) => ({ ...pair, by: 'reference' as const })),
    ...matchedByAmount.map((pair) => ({ ...pair, by: 'amount' as const })),
  ]
  return { matched, differing }
}

type Pair = { readonly line: number; readonly entry: number }
type Free = { readonly lines: Set<number>; readonly entries: Set<number> }

/** What a line and an entry must have in common; references come normalised. */
type Likeness = {
  readonly keysOf: (line: MatchLine, references: readonly string[]) => readonly string[]
  readonly keyOf: (entry: MatchEntry, reference: string | undefined) => readonly string[]
}

/**
 * Takes pairs, the nearest days first, then by line, then by entry. Entries wait in a queue for each day and key, whose
 * used ones are dropped from the front: the work grows with lines and entries, never with their product, however alike
 * they are.
 */
function takePairs(
  lines: readonly MatchLine[],
  entries: readonly MatchEntry[],
  free: Free,
  { keysOf, keyOf }: Likeness,
): Pair[] {
  const queues = new Map<string, Queue>()
  for (const index of free.entries) {
    const entry = entries[index]
    if (!entry) continue
    for (const key of keyOf(entry, referenceOf(entry))) {
      const place = `${dayNumber(entry.day)} ${key}`
      const queue = queues.get(place)
      if (queue) queue.waiting.push(index)
      else queues.set(place, { waiting: [index], next: 0 })
    }
  }
  const wanted = [...free.lines].flatMap((index) => {
    const line = lines[index]
    return line ? [{ index, days: line.days.map(dayNumber), keys: keysOf(line, referencesOf(line)) }] : []
  })
  const pairs: Pair[] = []
  for (let apart = 0; apart <= DATE_TOLERANCE_DAYS; apart += 1) {
    for (const { index, days, keys } of wanted) {
      if (!free.lines.has(index)) continue
      const near = days.flatMap((day) => [day - apart, day + apart])
      const firsts = near.flatMap((day) => keys.flatMap((key) => firstFree(queues.get(`${day} ${key}`), free.entries)))
      if (firsts.length === 0) continue
      const entry = Math.min(...firsts)
      free.lines.delete(index)
      free.entries.delete(entry)
      pairs.push({ line: index, entry })
    }
  }
  return pairs
}

type Queue = { readonly waiting: number[]; next: number }

function firstFree(queue: Queue | undefined, free: ReadonlySet<number>): number[] {
  if (!queue) return []
  for (; queue.next < queue.waiting.length; queue.next += 1) {
    const entry = queue.waiting[queue.next]
    if (entry !== undefined && free.has(entry)) return [entry]
  }
  return []
}

function referencesOf({ references, text }: MatchLine): string[] {
  return [...new Set([...references, text ?? ''].map(normal))].filter((reference) => reference !== '')
}

function referenceOf({ reference }: MatchEntry): string | undefined {
  const known = normal(reference ?? '')
  return known === '' ? undefined : known
}

/** Banks drop spaces and change the case of what they pass on. */
function normal(reference: string): string {
  return reference.replaceAll(/\s/g, '').toUpperCase()
}

function dayNumber(day: string): number {
  return Date.parse(`${day}T00:00:00Z`) / 86_400_000
}
