import { z } from 'zod'
import type { Found } from './conditions.ts'

/** A page of a query that asked for one row more than `limit`: `next` is a cursor when there is more. */
export function pageOf<Item>(found: readonly Item[], limit: number, cursorOf: (last: Item) => string): Page<Item> {
  const items = found.slice(0, limit)
  const last = items.at(-1)
  return { items, next: found.length > limit && last !== undefined ? cursorOf(last) : null }
}

/** The same for a search, which may stop before its page is full: `next` then goes on behind what was examined. */
export function searchPageOf<Row, Place>(
  found: Found<Row, Place>,
  limit: number,
  placeOf: (last: Row) => Place,
): { readonly rows: readonly Row[]; readonly next: Place | undefined } {
  const rows = found.rows.slice(0, limit)
  const last = rows.at(-1)
  return { rows, next: found.rows.length > limit && last !== undefined ? placeOf(last) : found.examinedTo }
}

export type Page<Item> = { items: Item[]; next: string | null }

export const pageQuery = {
  limit: z.coerce.number({ error: 'must be a whole number from 1 to 500' }).int().min(1).max(500).default(50),
  cursor: z
    .string()
    .max(1_000, { error: 'is not one of this list: start again without cursor' })
    .optional()
    .meta({ description: 'The `next` of the page before; good for the same list and filters.' }),
}
