type Value = string | number | bigint | null

/**
 * What rows are sorted by under each key. Amounts of several currencies say nothing about each other: `within` keeps
 * them apart.
 */
export type Sorts<Row> = Readonly<
  Record<string, { readonly of: (row: Row) => Value; readonly within?: (row: Row) => string }>
>

/**
 * The rows in that order; equal ones stay as they are, and what has no value comes last either way. An unknown key
 * changes nothing.
 */
export function sortRows<Row>(rows: readonly Row[], sorts: Sorts<Row>, sort: string | undefined): readonly Row[] {
  const { key, descending } = parsed(sort)
  const found = Object.hasOwn(sorts, key) ? sorts[key] : undefined
  if (!found) return rows
  const { of, within = () => '' } = found
  return rows.toSorted((a, b) => compare(within(a), within(b)) || byValue(of(a), of(b), descending))
}

export type Direction = 'ascending' | 'descending'

/** How a column stands in that order; undefined when it is not what the rows are sorted by. */
export function directionOf(sort: string | undefined, column: string): Direction | undefined {
  const { key, descending } = parsed(sort)
  if (key !== column) return undefined
  return descending ? 'descending' : 'ascending'
}

/**
 * What a press on a column's heading asks for: its first direction, then the other one, then the list's own order
 * (undefined) again. `usual` is what that own order is called, where a column stands for it.
 */
export function nextSort(
  sort: string | undefined,
  column: string,
  { descendingFirst = false, usual }: { readonly descendingFirst?: boolean; readonly usual?: string | undefined } = {},
): string | undefined {
  const [first, second] = descendingFirst ? [`-${column}`, column] : [column, `-${column}`]
  const current = sort ?? usual
  const next = current === first ? second : current === second ? (isOf(usual, column) ? first : undefined) : first
  return next === usual ? undefined : next
}

function isOf(sort: string | undefined, column: string): boolean {
  return directionOf(sort, column) !== undefined
}

function parsed(sort = ''): { key: string; descending: boolean } {
  return sort.startsWith('-') ? { key: sort.slice(1), descending: true } : { key: sort, descending: false }
}

function byValue(a: Value, b: Value, descending: boolean): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null)
  return descending ? compare(b, a) : compare(a, b)
}

const words = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' })

function compare(a: NonNullable<Value>, b: NonNullable<Value>): number {
  if (typeof a === 'string' && typeof b === 'string') return words.compare(a, b)
  return a < b ? -1 : a > b ? 1 : 0
}
