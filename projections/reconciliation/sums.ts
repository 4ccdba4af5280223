import type { NewAccountMonth, NewMovement, NewQuarterTotal } from './tables.ts'

/** What batches add to the rows of each table of sums. */
export type Sums = {
  readonly groups: Map<string, GroupSums>
  /** By month and account. */
  readonly months: Map<string, Map<string, NewAccountMonth>>
}

/** Of one quarter, operation and purpose. */
type GroupSums = {
  readonly quarter: string
  readonly month: string
  /** By account. */
  readonly movements: Map<string, NewMovement>
  /** By tenant, type and currency. */
  readonly totals: Map<string, NewQuarterTotal>
  /** Those of the month, by account. */
  readonly ofMonth: Map<string, NewAccountMonth>
}

export function noSums(): Sums {
  return { groups: new Map(), months: new Map() }
}

/** When and under which names a payment counts, the same object for all of its entries. */
export type Names = { readonly effectiveAt: string; readonly operation: string; readonly purpose: string }

export function namesOf(effectiveAt: string, metadata: Readonly<Record<string, string>> | undefined): Names {
  return { effectiveAt, operation: cut(metadata?.operation), purpose: cut(metadata?.purpose) }
}

const QUARTER_MS = 900_000

/** The quarter of an hour that an instant lies in. Instants are written as toISOString does, where it is a matter of the minutes. */
function quarterOf(instant: string): string {
  const minutes = written.exec(instant)?.[1]
  if (minutes === undefined) return new Date(Math.floor(Date.parse(instant) / QUARTER_MS) * QUARTER_MS).toISOString()
  const quarter = minutes < '15' ? '00' : minutes < '30' ? '15' : minutes < '45' ? '30' : '45'
  return `${instant.slice(0, 'yyyy-mm-ddThh:'.length)}${quarter}:00.000Z`
}

const written = /^\d{4}-\d\d-\d\dT\d\d:([0-5]\d):\d\d\.\d{3}Z$/

/** Payers write what they like into metadata, and PostgreSQL indexes no key beyond 2.7 kB: a longer one would stop the projection. */
const MOST_GROUP_CHARACTERS = 100

function cut(text = ''): string {
  return text.length <= MOST_GROUP_CHARACTERS ? text : [...text].slice(0, MOST_GROUP_CHARACTERS).join('')
}

/** One entry, as far as sums know it. */
export type Summand = {
  readonly account: {
    readonly account_id: string
    readonly tenant: string
    readonly type: NewQuarterTotal['type']
    readonly currency: string
  }
  readonly names: Names
  readonly amountMinor: bigint
}

/** A look-up a table, and an object only for a row that is new. A rebuild works the sums out from the entries it has loaded (schema.ts). */
export function addEntries(sums: Sums, partition: number, summands: readonly Summand[]): void {
  let last: Names | undefined
  let ofGroup: GroupSums | undefined
  for (const { account, names, amountMinor } of summands) {
    // Entries of one payment follow each other.
    if (names !== last || !ofGroup) ofGroup = sumsOf(sums, names)
    last = names
    const { account_id, tenant, type, currency } = account
    const { operation, purpose } = names
    const { quarter, month } = ofGroup
    let movement = ofGroup.movements.get(account_id)
    if (!movement) {
      movement = { account_id, quarter, operation, purpose, tenant, currency, in_minor: 0n, out_minor: 0n, entries: 0n }
      ofGroup.movements.set(account_id, movement)
    }
    add(movement, amountMinor)
    let ofMonth = ofGroup.ofMonth.get(account_id)
    if (!ofMonth) {
      ofMonth = { tenant, month, account_id, in_minor: 0n, out_minor: 0n, entries: 0n }
      ofGroup.ofMonth.set(account_id, ofMonth)
    }
    add(ofMonth, amountMinor)
    // None of them holds a line break.
    const totalKey = `${tenant}\n${type}\n${currency}`
    let total = ofGroup.totals.get(totalKey)
    if (!total) {
      const of = { tenant, quarter, partition, type, currency, operation, purpose }
      total = { ...of, in_minor: 0n, out_minor: 0n, entries: 0n }
      ofGroup.totals.set(totalKey, total)
    }
    add(total, amountMinor)
  }
}

function sumsOf(sums: Sums, { effectiveAt, operation, purpose }: Names): GroupSums {
  const quarter = quarterOf(effectiveAt)
  // An instant holds no line break; the length tells where the operation ends.
  const key = `${quarter}\n${operation.length}\n${operation}${purpose}`
  const known = sums.groups.get(key)
  if (known) return known
  const month = `${quarter.slice(0, 'yyyy-mm'.length)}-01T00:00:00.000Z`
  const ofMonth = sums.months.get(month) ?? new Map()
  sums.months.set(month, ofMonth)
  const fresh = { quarter, month, movements: new Map(), totals: new Map(), ofMonth }
  sums.groups.set(key, fresh)
  return fresh
}

function add(sum: { in_minor: bigint; out_minor: bigint; entries: bigint }, amountMinor: bigint): void {
  if (amountMinor > 0n) sum.in_minor += amountMinor
  else sum.out_minor -= amountMinor
  sum.entries += 1n
}
