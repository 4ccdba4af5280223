import assert from 'node:assert/strict'
import type { ArrayElement } from './array-literal.ts'

/** Of any table: which columns it has is the compiler's to check, where a fold gives it. */
export type Row = { readonly [column: string]: ArrayElement }

/** Between the values of a key: PostgreSQL's texts hold no NUL. */
const BETWEEN = '\0'

/** What names a row among those of its table. */
export function keyOf(by: readonly string[]): (row: Row) => string {
  const [only, ...others] = by
  assert(only !== undefined, 'a key has columns')
  if (others.length === 0) return (row) => String(row[only])
  return (row) => {
    let key = `${row[only]}`
    for (const column of others) key += `${BETWEEN}${row[column]}`
    return key
  }
}

/** The values that a key of so many columns was made of, in their order. */
export function valuesOf(key: string): string[] {
  return key.split(BETWEEN)
}

/** The key of a table by tenant and account: two tenants may have accounts of the same id. */
export function accountKey(tenant: string, accountId: string): string {
  return `${tenant}${BETWEEN}${accountId}`
}
