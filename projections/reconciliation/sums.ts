import type { NewAccountMonth, NewMovement, NewQuarterTotal } from './tables.ts'

/** What a batch adds to the rows of each table of sums, by a key of the row. */
export type Sums = {
  readonly movements: Map<string, NewMovement>
  readonly months: Map<string, NewAccountMonth>
  readonly totals: Map<string, NewQuarterTotal>
}

export function noSums(): Sums {
  return { movements: new Map(), months: new Map(), totals: new Map() }
}

/** When and under which names a payment counts, worked out once for all of its entries. */
export type Group = {
  readonly quarter: string
  readonly month: string
  readonly operation: string
  readonly purpose: string
  /** No other quarter, operation and purpose have this one. */
  readonly key: string
}

const QUARTER_MS = 900_000

export function groupOf(effectiveAt: string, metadata: Readonly<Record<string, string>> | undefined): Group {
  const quarter = new Date(Math.floor(Date.parse(effectiveAt) / QUARTER_MS) * QUARTER_MS).toISOString()
  const operation = cut(metadata?.operation)
  const purpose = cut(metadata?.purpose)
  return {
    quarter,
    month: `${quarter.slice(0, 'yyyy-mm'.length)}-01T00:00:00.000Z`,
    operation,
    purpose,
    // An instant holds no line break; the length tells where the operation ends.
    key: `${quarter}\n${operation.length}\n${operation}${purpose}`,
  }
}

/** Payers write what they like into metadata, and PostgreSQL indexes no key beyond 2.7 kB: a longer one would stop the projection. */
const MOST_GROUP_CHARACTERS = 100

function cut(text = ''): string {
  return text.length <= MOST_GROUP_CHARACTERS ? text : [...text].slice(0, MOST_GROUP_CHARACTERS).join('')
}

export type Moved = {
  readonly account_id: string
  readonly tenant: string
  readonly type: NewQuarterTotal['type']
  readonly currency: string
}

/** One entry. On the way of each posting of a rebuild: a look-up a table, and an object only for a row that is new. */
export function addEntry(sums: Sums, partition: number, moved: Moved, group: Group, amountMinor: bigint): void {
  const { account_id, tenant, type, currency } = moved
  const { quarter, month, operation, purpose } = group
  // Neither account ids nor tenants, types and currencies hold a line break.
  const movementKey = `${account_id}\n${group.key}`
  let movement = sums.movements.get(movementKey)
  if (!movement) {
    movement = { account_id, quarter, operation, purpose, tenant, currency, in_minor: 0n, out_minor: 0n, entries: 0n }
    sums.movements.set(movementKey, movement)
  }
  add(movement, amountMinor)
  const monthKey = `${account_id}\n${month}`
  let ofMonth = sums.months.get(monthKey)
  if (!ofMonth) {
    ofMonth = { tenant, month, account_id, in_minor: 0n, out_minor: 0n, entries: 0n }
    sums.months.set(monthKey, ofMonth)
  }
  add(ofMonth, amountMinor)
  const totalKey = `${tenant}\n${type}\n${currency}\n${group.key}`
  let total = sums.totals.get(totalKey)
  if (!total) {
    const of = { tenant, quarter, partition, type, currency, operation, purpose }
    total = { ...of, in_minor: 0n, out_minor: 0n, entries: 0n }
    sums.totals.set(totalKey, total)
  }
  add(total, amountMinor)
}

type Sum = { in_minor: bigint; out_minor: bigint; entries: bigint }

function add(sum: Sum, amountMinor: bigint): void {
  if (amountMinor > 0n) sum.in_minor += amountMinor
  else sum.out_minor -= amountMinor
  sum.entries += 1n
}

/** Adds one batch's sums onto those of the batches before it, which take its rows over. */
export function addSums(onto: Sums, added: Sums): void {
  addRows(onto.movements, added.movements)
  addRows(onto.months, added.months)
  addRows(onto.totals, added.totals)
}

function addRows<Row extends Sum>(onto: Map<string, Row>, added: ReadonlyMap<string, Row>): void {
  for (const [key, row] of added) {
    const sum = onto.get(key)
    if (!sum) {
      onto.set(key, row)
      continue
    }
    sum.in_minor += row.in_minor
    sum.out_minor += row.out_minor
    sum.entries += row.entries
  }
}
