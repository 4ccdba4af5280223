import { type RawBuilder, sql } from 'kysely'

/**
 * So many rows are looked at for one page at most. A page of a search that finds little may hold fewer rows than its
 * limit, and goes on where this one ended.
 */
export const EXAMINED_ROWS = 4_000

/** A page's rows, and the place to go on from when the search stopped before it had looked at everything. */
export type Found<Row, Place> = { readonly rows: readonly Row[]; readonly examinedTo: Place | undefined }

export const always = sql<boolean>`true`

export function all(conditions: readonly (RawBuilder<unknown> | undefined)[]): RawBuilder<unknown> {
  const given = conditions.filter((condition) => condition !== undefined)
  return given.length === 0 ? always : sql.join(given, sql` and `)
}

/** Whether a column holds the text, whatever its case. `strpos` knows no wildcards. */
export function holds(column: RawBuilder<unknown>, part: string): RawBuilder<unknown> {
  return sql`strpos(lower(${column}), lower(${part})) > 0`
}
