import type { Parameter } from '../projection.ts'
import { type ArrayElement, arrayLiteral } from './array-literal.ts'
import type { StoredType } from './binary-values.ts'

/** An INSERT of rows, one parameter a column. `table` may name itself for what stands behind: `sums as held`. */
export function insertRows<Row extends RowOf<Row>>(
  table: string,
  columns: StoredTypes<Row>,
  rows: readonly Row[],
  parameter: Parameter,
): string {
  const names = columnNames(columns)
  const arrays = names.map((name) => {
    const values: ArrayElement[] = rows.map((row) => row[name])
    const isDigest = columns[name] === 'digest'
    return `${parameter(arrayLiteral(isDigest ? values.map(hexOf) : values))}::${isDigest ? 'bytea' : columns[name]}[]`
  })
  return `insert into ${table} (${listOf(names)}) select * from unnest(${arrays.join(', ')})`
}

/** Rows that can be written: `Row extends RowOf<Row>`. */
export type RowOf<Row> = { readonly [Column in keyof Row]: ArrayElement }

export type StoredTypes<Row> = { readonly [Column in keyof Row]-?: StoredType }

export function columnNames<Row>(columns: { readonly [Column in keyof Row]-?: string }): (keyof Row & string)[] {
  const isColumn = (name: string): name is keyof Row & string => name in columns
  return Object.keys(columns).filter(isColumn)
}

/** Names as SQL lists them: `index` is one of them, and a keyword. */
export function listOf(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(', ')
}

/** bytea's own text. https://www.postgresql.org/docs/18/datatype-binary.html */
function hexOf(digest: ArrayElement): string | null {
  return typeof digest === 'string' ? `\\x${Buffer.from(digest, 'base64url').toString('hex')}` : null
}
