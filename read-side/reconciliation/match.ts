import { knownWithin, normal } from './references.ts'

/** A line may stand so many days from its entry: weekends and the value date of card payments. */
export const DATE_TOLERANCE_DAYS = 3

type Named = {
  readonly amount: bigint
  /** End-to-end references and the creditor's: who names one means a payment with just that. */
  readonly references: readonly string[]
  /** The bank's own: a match where an entry has one, and nothing that speaks against any other. */
  readonly bankReferences: readonly string[]
  readonly text: string | undefined
}
export type MatchLine = Named & {
  /** Booking and value date, as days. */
  readonly days: readonly string[]
  /** The line stands for several transactions, so its amount is that of none of them. */
  readonly isBatch: boolean
  /** Its transactions, where they add up to it. */
  readonly details: readonly Named[]
}

/**
 * An entry of the account in the bank's sign: what came into the bank account is positive. The entries of one `payment`
 * may stand on the bank's statement as one line, or each on its own.
 */
export type MatchEntry = {
  readonly payment: string
  readonly amount: bigint
  readonly day: string
  readonly reference: string | undefined
}

/** A line or one of its `details`, and what was found for it: all entries of a payment, or some of them. */
export type Pair = { readonly line: number; readonly detail: number | undefined; readonly entries: readonly number[] }
export type Match = Pair & { readonly by: 'reference' | 'amount' }
export type Matching = {
  readonly matched: readonly Match[]
  readonly differing: readonly Pair[]
  /** The entries that no line has, those of a payment together. */
  readonly left: readonly (readonly number[])[]
}

/**
 * Pairs lines with entries, each used at most once, always the same way for the same input. `lines` are those of every
 * statement of the account, in order: each pass runs over all of them before the next one begins, so that no line takes
 * by a weak likeness what another has by a strong one. Dates may lie DATE_TOLERANCE_DAYS apart; the nearest day wins,
 * then the earlier line, then the earlier entry. In each pass whole lines come before their details, and whole payments
 * before single entries of one; a line is taken as a whole or by its details, never both.
 *
 * 1. The same reference, or text, and the very same amount. 2. The reference as words within the line's text, and the
 * very same amount. 3. The very same amount alone, where one of both names no reference. 4. What is left with the same
 * reference differs in its amount. Nothing is found for an amount of zero, which moves nothing.
 */
export function matchLines(lines: readonly MatchLine[], entries: readonly MatchEntry[]): Matching {
  const wanted = wantedOf(lines)
  const free = new Set(entries.keys())
  const payments = paymentsOf(entries)
  const wholes = payments.map((each) => unitOf(each, entries))
  const several = payments.filter((each) => each.length > 1)
  const singles = several.flatMap((each) => each.map((index) => unitOf([index], entries)))
  const matched: Match[] = []
  for (const { likeness, by } of passes(entries)) {
    for (const detailed of [false, true]) {
      for (const units of [wholes, singles]) {
        const pairs = takePairs(wanted, detailed, units, free, likeness)
        matched.push(...pairs.map((pair) => ({ ...pair, by })))
      }
    }
  }
  const leftOfPayments = () => wholes.flatMap((whole) => leftOf(whole, entries, free))
  const differing = [false, true].flatMap((detailed) =>
    takePairs(wanted, detailed, leftOfPayments(), free, bySameReference),
  )
  return { matched, differing, left: leftOfPayments().map((unit) => unit.entries) }
}

/** Lines that are wanted whole, and the details of each. */
type Wanted = { readonly wholes: Map<number, LineUnit>; readonly details: Map<number, Map<number, LineUnit>> }

function wantedOf(lines: readonly MatchLine[]): Wanted {
  const wanted: Wanted = { wholes: new Map(), details: new Map() }
  for (const [index, line] of lines.entries()) {
    const days = line.days.map(dayNumber)
    if (line.amount !== 0n) wanted.wholes.set(index, lineUnit(line, { line: index, detail: undefined, days }))
    const details = line.details.map((detail, place) => lineUnit(detail, { line: index, detail: place, days }))
    const moving = details.filter(({ amount }) => amount !== 0n)
    if (moving.length > 0) wanted.details.set(index, new Map(moving.map((detail) => [detail.detail ?? 0, detail])))
  }
  return wanted
}

function unitsOf({ wholes, details }: Wanted, detailed: boolean): LineUnit[] {
  return detailed ? [...details.values()].flatMap((each) => [...each.values()]) : [...wholes.values()]
}

function isWanted({ wholes, details }: Wanted, { line, detail }: LineUnit): boolean {
  return detail === undefined ? wholes.has(line) : (details.get(line)?.has(detail) ?? false)
}

function take({ wholes, details }: Wanted, { line, detail }: LineUnit): void {
  wholes.delete(line)
  if (detail === undefined) details.delete(line)
  else details.get(line)?.delete(detail)
}

/** What a line and an entry must have in common, as keys. */
type Likeness = {
  readonly keysOf: (line: LineUnit) => readonly string[]
  readonly keysOfEntries: (unit: EntryUnit) => readonly string[]
}

function passes(entries: readonly MatchEntry[]): { readonly by: Match['by']; readonly likeness: Likeness }[] {
  const known = new Set(entries.map(({ reference }) => normal(reference)))
  const keysOfEntries = ({ amount, reference }: EntryUnit) => (reference === '' ? [] : [`${amount} ${reference}`])
  return [
    { by: 'reference', likeness: { keysOf: withAmount((line) => line.allReferences), keysOfEntries } },
    { by: 'reference', likeness: { keysOf: withAmount(({ text }) => knownWithin(text, known)), keysOfEntries } },
    { by: 'amount', likeness: byAmount },
  ]
}

function withAmount(referencesOf: (line: LineUnit) => readonly string[]): Likeness['keysOf'] {
  return (line) => referencesOf(line).map((reference) => `${line.amount} ${reference}`)
}

/** A line without a reference takes any entry of its amount, one with a reference only an entry without. */
const byAmount: Likeness = {
  keysOf: ({ amount, isNamed }) => [isNamed ? `bare ${amount}` : `any ${amount}`],
  keysOfEntries: ({ amount, reference }) => [`any ${amount}`, ...(reference === '' ? [`bare ${amount}`] : [])],
}

const bySameReference: Likeness = {
  keysOf: ({ references, isBatch }) => (isBatch ? [] : references),
  keysOfEntries: ({ reference }) => (reference === '' ? [] : [reference]),
}

type LinePlace = { readonly line: number; readonly detail: number | undefined; readonly days: readonly number[] }
type LineUnit = LinePlace & {
  readonly amount: bigint
  /** Normalised, with the whole text as one of them. */
  readonly references: readonly string[]
  /** And the bank's own. */
  readonly allReferences: readonly string[]
  readonly text: string
  readonly isNamed: boolean
  readonly isBatch: boolean
}

type EntryUnit = {
  readonly entries: readonly number[]
  readonly amount: bigint
  readonly day: number
  /** Normalised; '' for none. */
  readonly reference: string
}

function lineUnit(
  { amount, references, bankReferences, text = '', ...more }: Named & { readonly isBatch?: boolean },
  place: LinePlace,
): LineUnit {
  const named = normalised([...references, text])
  const allReferences = normalised([...references, text, ...bankReferences])
  const isBatch = more.isBatch ?? false
  return { ...place, amount, references: named, allReferences, text, isNamed: references.length > 0, isBatch }
}

function normalised(references: readonly string[]): string[] {
  return [...new Set(references.map(normal).filter((reference) => reference !== ''))]
}

type Payments = readonly (readonly number[])[]
type Free = ReadonlySet<number>

function paymentsOf(entries: readonly MatchEntry[]): Payments {
  const payments = new Map<string, number[]>()
  for (const [index, { payment }] of entries.entries()) {
    const known = payments.get(payment)
    if (known) known.push(index)
    else payments.set(payment, [index])
  }
  return [...payments.values()]
}

function leftOf(whole: EntryUnit, entries: readonly MatchEntry[], free: Free): EntryUnit[] {
  if (isFree(whole, free)) return [whole]
  const left = whole.entries.filter((index) => free.has(index))
  return left.length > 0 ? [unitOf(left, entries)] : []
}

function unitOf(indexes: readonly number[], entries: readonly MatchEntry[]): EntryUnit {
  const held = indexes.flatMap((index) => entries[index] ?? [])
  const amount = held.reduce((sum, entry) => sum + entry.amount, 0n)
  const [first] = held
  return { entries: indexes, amount, day: dayNumber(first?.day ?? ''), reference: normal(first?.reference) }
}

/**
 * Takes pairs, the nearest days first, then by line, then by entry, and removes them from `wanted` and `free`. Entries
 * wait in a queue for each day and key, whose used ones are dropped from the front: the work grows with lines and
 * entries, never with their product, however alike they are.
 */
function takePairs(
  wanted: Wanted,
  detailed: boolean,
  units: readonly EntryUnit[],
  free: Set<number>,
  { keysOf, keysOfEntries }: Likeness,
): Pair[] {
  const queues = new Map<string, Queue>()
  for (const unit of units) {
    if (unit.amount === 0n || !isFree(unit, free)) continue
    for (const key of keysOfEntries(unit)) {
      const place = `${unit.day} ${key}`
      const queue = queues.get(place)
      if (queue) queue.waiting.push(unit)
      else queues.set(place, { waiting: [unit], next: 0 })
    }
  }
  if (queues.size === 0) return []
  const keyed = unitsOf(wanted, detailed).map((line) => ({ line, keys: keysOf(line) }))
  const pairs: Pair[] = []
  for (let apart = 0; apart <= DATE_TOLERANCE_DAYS; apart += 1) {
    for (const { line, keys } of keyed) {
      if (keys.length === 0 || !isWanted(wanted, line)) continue
      const near = line.days.flatMap((day) => [day - apart, day + apart])
      const firsts = near.flatMap((day) => keys.flatMap((key) => firstFree(queues.get(`${day} ${key}`), free)))
      const unit = firsts.sort(byPlace)[0]
      if (!unit) continue
      take(wanted, line)
      for (const entry of unit.entries) free.delete(entry)
      pairs.push({ line: line.line, detail: line.detail, entries: unit.entries })
    }
  }
  return pairs
}

type Queue = { readonly waiting: EntryUnit[]; next: number }

function firstFree(queue: Queue | undefined, free: Free): EntryUnit[] {
  if (!queue) return []
  for (; queue.next < queue.waiting.length; queue.next += 1) {
    const unit = queue.waiting[queue.next]
    if (unit && isFree(unit, free)) return [unit]
  }
  return []
}

function isFree(unit: EntryUnit, free: Free): boolean {
  return unit.entries.every((entry) => free.has(entry))
}

function byPlace(a: EntryUnit, b: EntryUnit): number {
  return (a.entries[0] ?? 0) - (b.entries[0] ?? 0)
}

function dayNumber(day: string): number {
  return Date.parse(`${day}T00:00:00Z`) / 86_400_000
}
