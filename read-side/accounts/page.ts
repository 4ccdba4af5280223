import { z } from 'zod'

/** A page of a query that asked for one row more than `limit`: `next` is a cursor when there is more. */
export function pageOf<Item>(found: readonly Item[], limit: number, cursorOf: (last: Item) => string): Page<Item> {
  const items = found.slice(0, limit)
  const last = items.at(-1)
  return { items, next: found.length > limit && last !== undefined ? cursorOf(last) : null }
}

export type Page<Item> = { items: Item[]; next: string | null }

export const pageQuery = {
  limit: z.coerce.number({ error: 'must be a number' }).int().min(1).max(500).default(50),
  cursor: z
    .string()
    .max(1_000)
    .optional()
    .meta({ description: 'The `next` of the page before; good for the same list and filters.' }),
}
