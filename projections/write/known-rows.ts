import type { Queryable } from '../projection.ts'

/**
 * The rows that a fold needs to know, as they stand after all that was folded: read once, and remembered between
 * batches, so that most batches read nothing.
 */
export function createKnownRows<Row>(
  keyOf: (row: Row) => string,
  load: (reader: Queryable, keys: readonly string[]) => Promise<readonly Row[]>,
  remembered = REMEMBERED_ROWS,
): KnownRows<Row> {
  const known = new Map<string, Row>()
  return {
    known,
    async learn(reader, keys) {
      const missing = [...keys].filter((key) => !known.has(key))
      if (missing.length === 0) return
      for (const row of await load(reader, missing)) known.set(keyOf(row), row)
    },
    change(rows) {
      // A changed row moves to the end of the map, so what stands in front has been quiet the longest.
      for (const row of rows) {
        const key = keyOf(row)
        known.delete(key)
        known.set(key, row)
      }
    },
    forgetOldest(isUnwritten) {
      for (const key of known.keys()) {
        if (known.size <= remembered) return
        if (!isUnwritten(key)) known.delete(key)
      }
    },
  }
}

const REMEMBERED_ROWS = 50_000

export type KnownRows<Row> = {
  readonly known: ReadonlyMap<string, Row>
  /** Reads those of the rows that are not known and exist. */
  learn(reader: Queryable, keys: Iterable<string>): Promise<void>
  change(rows: Iterable<Row>): void
  /**
   * Forgets the oldest beyond the limit, but for those whose change no other transaction can read yet. Never between
   * `learn` and the fold that it was for, which may need any of them.
   */
  forgetOldest(isUnwritten: (key: string) => boolean): void
}
