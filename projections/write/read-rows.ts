import { ProjectionError, type Queryable } from '../projection.ts'
import type { ArrayElement } from './array-literal.ts'
import type { StoredType } from './binary-values.ts'
import { listOf } from './insert-rows.ts'
import { type Row, valuesOf } from './row-key.ts'
import type { Table } from './table.ts'

/** Rows of a version by a key of texts (row-key.ts), as a fold wrote them, with times to the millisecond. */
export async function readRows(
  reader: Queryable,
  { name, types }: Table,
  schema: string,
  by: readonly string[],
  keys: readonly string[],
): Promise<Row[]> {
  const columns = Object.entries(types)
  const values = keys.map(valuesOf)
  const wanted = by.map((_, index) => `$${index + 1}::text[]`)
  const found = await reader.query<Record<string, unknown>>(
    `select ${columns.map(([column, type]) => (isText(type) ? `"${column}"::text` : listOf([column]))).join(', ')}
     from ${schema}.${name} where (${listOf(by)}) in (select * from unnest(${wanted.join(', ')}))`,
    by.map((_, index) => values.map((each) => each[index])),
  )
  return found.rows.map((row) =>
    Object.fromEntries(columns.map(([column, type]) => [column, writtenOf(row[column], type, column)])),
  )
}

/** What arrives as it is written: JSON would be parsed, and digits be lost. */
function isText(type: StoredType): boolean {
  return isLong(type) || type === 'jsonb'
}

function isLong(type: StoredType): boolean {
  return type === 'int8' || type === 'numeric'
}

function writtenOf(value: unknown, type: StoredType, column: string): ArrayElement {
  if (value === null || typeof value === 'number') return value
  if (value instanceof Date) return value.toISOString()
  if (typeof value === 'string') return isLong(type) ? BigInt(value) : value
  throw new ProjectionError(`${column} cannot be read back as it was written`)
}
