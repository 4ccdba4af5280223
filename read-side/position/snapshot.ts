import type { AccountsDatabase } from '@micropay/projections/accounts/tables'
import type { Position } from '@micropay/schemas/position'
import { type Kysely, sql } from 'kysely'
import type { ReadModel } from './open-database.ts'

/**
 * Runs queries in one snapshot of the read model, together with the position that it reflects: which version is live, how far that is, and its rows are all read
 * from the same state. Answers undefined when no projection has made its tables yet.
 */
export async function inSnapshot<Result>(
  model: ReadModel,
  work: (snapshot: Snapshot) => Promise<Result>,
): Promise<Result | undefined> {
  try {
    if (!(await isMade(model))) return undefined
    return await model
      .transaction()
      .setIsolationLevel('repeatable read')
      .setAccessMode('read only')
      .execute(async (transaction) => {
        const head = await readHead(transaction)
        return head && work({ head, db: transaction.withSchema(head.schema) })
      })
  } catch (error) {
    if (isMissingTable(error)) return undefined
    throw error
  }
}

/** Where the read model stands now. */
export function readHeadOf(model: ReadModel): () => Promise<Head | undefined> {
  return () => inSnapshot(model, async (snapshot) => snapshot.head)
}

export type Snapshot = { readonly head: Head; readonly db: Kysely<AccountsDatabase> }

export type Head = {
  /** Where the live version's tables stand. */
  readonly schema: string
  readonly positions: readonly Position[]
  /** Since the model was last known to hold everything, for its oldest partition; undefined before the first time. */
  readonly ageSeconds: number | undefined
}

/** Read models that were found made: they stay so. */
const made = new WeakSet<ReadModel>()

/** Asking for a table that is not there yet would stand in PostgreSQL's log as an error, on every first start. */
async function isMade(model: ReadModel): Promise<boolean> {
  if (made.has(model)) return true
  const asked = await sql<{
    is_made: boolean
  }>`select to_regclass('projection.checkpoint') is not null as is_made`.execute(model)
  if (asked.rows[0]?.is_made !== true) return false
  made.add(model)
  return true
}

async function readHead(db: Kysely<AccountsDatabase>): Promise<Head | undefined> {
  const rows = await db
    .selectFrom('projection.version as version')
    .innerJoin('projection.checkpoint as checkpoint', 'checkpoint.schema_name', 'version.schema_name')
    // Each service has a database of its own, with one read model in it.
    .where('version.state', '=', 'live')
    .select(['version.schema_name', 'checkpoint.partition', 'checkpoint.seq'])
    .select(sql<number | null>`extract(epoch from clock_timestamp() - checkpoint.caught_up_at)::float8`.as('age'))
    .orderBy('checkpoint.partition')
    .execute()
  const first = rows[0]
  if (!first) return undefined
  const ages = rows.flatMap((row) => (row.age === null ? [] : [row.age]))
  return {
    schema: first.schema_name,
    positions: rows.map((row) => ({ partition: row.partition, seq: Number(row.seq) })),
    ageSeconds: ages.length === rows.length ? Math.max(0, ...ages) : undefined,
  }
}

/**
 * SQLSTATE 42P01 undefined_table, 3F000 invalid_schema_name, and 42703 undefined_column: there is no read model yet, or its live version is of an
 * older code than this one and the worker builds the next.
 */
function isMissingTable(error: unknown): boolean {
  return error instanceof Error && 'code' in error && ['42P01', '3F000', '42703'].includes(String(error.code))
}
