import type { Commit } from '@micropay/schemas/commit'
import type { ClientBase } from 'pg'
import type { FoldedRecord } from './fold-batch.ts'

/**
 * A read model: tables that a fold of the log's commits fills. Its tables live in a schema of their own, one for each version
 * that is built, so a new one grows beside the live one.
 */
export type Projection = {
  readonly service: string
  readonly name: string
  /** Rises when the tables or the fold change; a worker whose code is newer than the live version rebuilds. */
  readonly version: number
  /** The channel of NOTIFY on which live changes are told. */
  readonly channel: string
  /** Batches without a commit are written too: for a fold that keeps claims and voids. */
  readonly takesEveryRecord?: boolean
  /** Tables and primary keys alone, into an empty schema. */
  createTables(client: ClientBase, schema: string): Promise<void>
  /** The secondary indexes: after the bulk of a rebuild, since loading into them costs more. */
  createIndexes(client: ClientBase, schema: string): Promise<void>
  openWriter(schema: string, partition: number): ProjectionWriter
}

/** Writes the rows of one partition. It may remember rows between batches: the checkpoint's swap proves that nobody else wrote. */
export type ProjectionWriter = {
  /**
   * Writes a batch within the caller's transaction, and answers the ids of what changed. Throws ProjectionError for commits that the fold
   * cannot apply. `records` are all that the batch folded, in the log's order, those too that do not count.
   */
  write(client: ClientBase, commits: readonly Commit[], records: readonly FoldedRecord[]): Promise<readonly string[]>
  /** The transaction did not commit, or somebody else moved the checkpoint. */
  forget(): void
}

/** The log says something that this fold cannot apply: it stops there, since guessing would show wrong balances. */
export class ProjectionError extends Error {
  readonly code = 'projection'
}
