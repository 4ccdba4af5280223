import assert from 'node:assert/strict'
import type { StoredType } from './binary-values.ts'
import type { Columns, HeldBy, WrittenBy } from './columns.ts'

/**
 * Declares a table, once: the statements that make it, its type for Kysely, the rows that a fold writes and how these
 * get in all derive from here. Columns stand and are written in the order of their declaration. Names are those of
 * SQL, and no keywords but `index`.
 */
export function table<
  const Name extends string,
  const Of extends Columns,
  const Written extends Write<keyof Of & string>,
>(name: Name, columns: Of, options: TableOptions<keyof Of & string, Written>): Table<Name, Of, Written> {
  for (const word of [name, ...Object.keys(columns)]) assert.match(word, /^[a-z][a-z0-9_]*$/)
  const types = Object.fromEntries(Object.entries(columns).map(([column, { type }]) => [column, type]))
  return { name, columns, types, ...options }
}

export type TableOptions<Column extends string, Written extends Write<Column>> = {
  readonly write: Written
  /** The primary key, made with the table: for rows that come in its order, or whose conflicts are looked for. */
  readonly key?: readonly Column[]
  /** Percent of a page that is filled at first: room for rows that change, so that they stay on their page. */
  readonly fillfactor?: number
  /**
   * By name: made with the table, for rows that come in the index' own order, which costs no more while they are
   * loaded.
   */
  readonly indexes?: Readonly<Record<string, Index<Column>>>
  /** By name: made when a rebuild has loaded the bulk of the rows, since loading into them costs more. */
  readonly indexesAfterLoading?: Readonly<Record<string, Index<Column>>>
  /**
   * A SELECT of all rows, cheaper than to write each while a rebuild loads: they are worked out before the indexes of
   * this table are made, and no sooner than those of the tables before it. Until then the fold's rows are left out.
   */
  readonly workedOut?: (schema: string) => string
}

export type Index<Column extends string> =
  | readonly Column[]
  | {
      readonly on: readonly Column[]
      readonly unique?: true
      readonly include?: readonly Column[]
      readonly where?: string
    }

/** How the rows of a fold get in. What conflicts is the key, or `by`, which a unique index must hold. */
export type Write<Column extends string = string> =
  /** New rows, of which none is written twice: a few by INSERT, more by COPY. */
  | 'insert'
  /** Rows as they stand now; of one that is there these columns are set, and what else it holds never changes. */
  | { readonly set: readonly Column[]; readonly by: readonly Column[] }
  /**
   * Summands: of a row that is there these columns grow by what is written. Quickest by the column that varies most
   * first.
   */
  | { readonly add: readonly Column[]; readonly by: readonly Column[] }
  /** Few and seldom: rows that are `saved` or `removed`, each by a statement of its own. */
  | { readonly edit: readonly Column[]; readonly by: readonly Column[] }

export type Table<Name extends string = string, Of extends Columns = Columns, Written extends Write = Write> = {
  readonly name: Name
  readonly columns: Of
  readonly types: Readonly<Record<string, StoredType>>
  readonly write: Written
  readonly key?: readonly string[]
  readonly fillfactor?: number
  readonly indexes?: Readonly<Record<string, Index<string>>>
  readonly indexesAfterLoading?: Readonly<Record<string, Index<string>>>
  readonly workedOut?: (schema: string) => string
}

/** By the names that a fold has for them. */
export type Tables = Readonly<Record<string, Table>>

/** A table as Kysely sees it. */
export type HeldIn<Of extends Table> = HeldBy<Of['columns']>

/** A row as a fold writes it. */
export type WrittenTo<Of extends Table> = WrittenBy<Of['columns']>

/** All tables as Kysely sees them, by their names in SQL. */
export type DatabaseOf<Of extends Tables> = { [Each in keyof Of as Of[Each]['name']]: HeldIn<Of[Each]> }

/** What a fold makes of a batch: rows for each table. */
export type Changes<Of extends Tables> = { readonly [Each in keyof Of]: readonly ChangeOf<Of[Each]>[] }

export type ChangeOf<Of extends Table> = Of['write'] extends { readonly edit: unknown }
  ? Edit<WrittenTo<Of>>
  : WrittenTo<Of>

export type Edit<Row> = Row & { readonly change: 'saved' | 'removed' }
