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
 * Pairs a statement's lines with entries, each used at most once, always the same way for the same input: first what has the same reference and the
 * very same amount, then, where one of both names no reference, the very same amount alone; dates may lie DATE_TOLERANCE_DAYS apart. The nearest
 * day wins, then the earlier line, then the earlier entry. What is left with the same reference differs in its amount.
 */
export function matchLines(lines: readonly MatchLine[], entries: readonly MatchEntry[]): Matching {
  const free = { lines: new Set(lines.keys()), entries: new Set(entries.keys()) }
  const take = (pairs: readonly Pair[]): Pair[] =>
    pairs.filter(({ line, entry }) => {
      if (!free.lines.has(line) || !free.entries.has(entry)) return false
      free.lines.delete(line)
      free.entries.delete(entry)
      return true
    })
  const byReference = candidates(
    lines,
    entries,
    (line, entry) => line.amount === entry.amount && sameReference(line, entry),
  )
  const matchedByReference = take(byReference)
  const byAmount = candidates(
    lines,
    entries,
    (line, entry) => line.amount === entry.amount && (line.references.length === 0 || entry.reference === undefined),
  )
  const matchedByAmount = take(byAmount)
  const differing = take(candidates(lines, entries, sameReference))
  const matched = [
    ...matchedByReference.map(({ line, entry }) => ({ line, entry, by: 'reference' as const })),
    ...matchedByAmount.map(({ line, entry }) => ({ line, entry, by: 'amount' as const })),
  ]
  return { matched, differing: differing.map(({ line, entry }) => ({ line, entry })) }
}

type Pair = { readonly line: number; readonly entry: number; readonly apart: number }

/** Every pair that may be, nearest first. Entries are found by day, so that a long statement stays quick. */
function candidates(
  lines: readonly MatchLine[],
  entries: readonly MatchEntry[],
  fits: (line: MatchLine, entry: MatchEntry) => boolean,
): Pair[] {
  const byDay = new Map<number, number[]>()
  for (const [index, entry] of entries.entries()) {
    const day = dayNumber(entry.day)
    byDay.set(day, [...(byDay.get(day) ?? []), index])
  }
  const pairs: Pair[] = []
  for (const [index, line] of lines.entries()) {
    const days = new Set(line.days.map(dayNumber).flatMap((day) => around(day)))
    for (const day of days) {
      for (const candidate of byDay.get(day) ?? []) {
        const entry = entries[candidate]
        if (!entry || !fits(line, entry)) continue
        const apart = Math.min(...line.days.map((each) => Math.abs(dayNumber(each) - day)))
        pairs.push({ line: index, entry: candidate, apart })
      }
    }
  }
  return pairs.sort((a, b) => a.apart - b.apart || a.line - b.line || a.entry - b.entry)
}

function around(day: number): number[] {
  return Array.from({ length: 2 * DATE_TOLERANCE_DAYS + 1 }, (_, index) => day - DATE_TOLERANCE_DAYS + index)
}

function sameReference(line: MatchLine, entry: MatchEntry): boolean {
  if (entry.reference === undefined) return false
  const wanted = normal(entry.reference)
  if (wanted === '') return false
  return line.references.some((reference) => normal(reference) === wanted) || normal(line.text ?? '') === wanted
}

/** Banks drop spaces and change the case of what they pass on. */
function normal(reference: string): string {
  return reference.replaceAll(/\s/g, '').toUpperCase()
}

function dayNumber(day: string): number {
  return Date.parse(`${day}T00:00:00Z`) / 86_400_000
}
