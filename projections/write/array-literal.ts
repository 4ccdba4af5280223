/**
 * Values as the text of one PostgreSQL array, a parameter to cast and `unnest`. pg would escape each element of a
 * JavaScript array with a regular expression of its own, which costs more than all else of a large batch.
 * https://www.postgresql.org/docs/18/arrays.html#ARRAYS-IO
 */
export function arrayLiteral(values: readonly ArrayElement[]): string {
  return `{${values.map(elementOf).join(',')}}`
}

export type ArrayElement = string | bigint | number | null | undefined

function elementOf(value: ArrayElement): string {
  if (typeof value !== 'string') return value === null || value === undefined ? 'NULL' : String(value)
  return special.test(value) ? `"${value.replace(/["\\]/g, '\\$&')}"` : `"${value}"`
}

const special = /["\\]/
