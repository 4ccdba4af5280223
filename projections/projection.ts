import type { FoldedRecord } from '@micropay/event-log/fold-batch'
import type { Commit } from '@micropay/schemas/log/commit'
import type { ClientBase } from 'pg'

/**
 * A read model: tables that a fold of the log's commits fills. Its tables live in a schema of their own, one for each
 * version that is built, so a new one grows beside the live one.
 */
export type Projection = {
  readonly service: string
  readonly name: string
  /** Rises when the tables or the fold change; a worker whose code is newer than the live version rebuilds. */
  readonly version: number
  /** Of the statements that make a version's tables: other tables are another version. */
  readonly digest: string
  /** The channel of NOTIFY on which live changes are told. */
  readonly channel: string
  /**
   * Into an empty schema: tables, and the indexes that rows come to in their own order, which costs no more while they
   * are loaded.
   */
  createTables(client: StatementRunner, schema: string): Promise<void>
  /**
   * Statements that make all other indexes, and the rows that are cheaper to work out from all others: each on its
   * own, some at once, after the bulk of a rebuild, since loading into them costs more.
   */
  indexes(schema: string): readonly string[]
  /**
   * `isLoading`: none of the indexes stand yet, so that no statement may need one, and what `indexes` work out from
   * all rows at once need not be written until then.
   */
  openWriter(schema: string, partition: number, isLoading?: boolean): ProjectionWriter
}

/** What runs statements: a connection, or a pool of them. */
export type StatementRunner = { query(text: string): Promise<unknown> }

/** What reads: a connection, or a pool of them. */
export type Queryable = Pick<ClientBase, 'query'>

/**
 * Writes the rows of one partition in steps, so that a batch is folded while the one before it is being written. It
 * remembers rows between batches, since the checkpoint's swap proves that nobody else wrote; when a write fails it is
 * thrown away.
 */
export type ProjectionWriter = {
  /** Reads what the fold of these commits needs to know; they are folded next. */
  prepare(reader: Queryable, commits: readonly Commit[]): Promise<void>
  /**
   * Folds a batch onto all that it has folded so far, at once: what is taken is whole batches. `records` are all of
   * the batch in the log's order, those too that do not count. Throws ProjectionError for commits that the fold cannot
   * apply, and has folded none of the batch then.
   */
  fold(commits: readonly Commit[], records: readonly FoldedRecord[]): void
  /** Takes what was folded by now, to be written once; what was taken before has been committed. */
  take(): WriteChanges
}

/** What was folded, on its way into the tables. */
export type WriteChanges = {
  /** The accounts that change, by tenant and id (write/row-key.ts). */
  readonly changed: readonly string[]
  /** Writes all of it within the caller's transaction. */
  write(client: ClientBase): Promise<void>
  /**
   * The same, when it is little, as parts of one statement: each is a statement that changes rows, and stands in a
   * WITH of its own. The text is the same for each batch of a version.
   */
  readonly parts: ((parameter: Parameter) => readonly string[]) | undefined
}

/** Adds a value to those of a statement, and answers its placeholder: `$7`. */
export type Parameter = (value: unknown) => string

/** The log says something that this fold cannot apply: it stops there, since guessing would show wrong balances. */
export class ProjectionError extends Error {
  readonly code = 'projection'
}
