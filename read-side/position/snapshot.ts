import type { Position } from '@micropay/schemas/position'
import { type Kysely, type QueryExecutorProvider, type RawBuilder, sql } from 'kysely'
import { isMissingTable } from './database-errors.ts'
import type { ReadModel } from './open-database.ts'

/**
 * Runs queries in one snapshot of the read model, together with the position that it reflects: which version is live,
 * how far that is, and its rows are all read from the same state. Answers undefined when no projection has made its
 * tables yet, or the live ones are of an older code than this, which reads none of them: all their columns would come
 * from a `select *`, and those that are missing as nothing. Its worker builds the next version meanwhile.
 */
export async function inSnapshot<Tables, Result>(
  model: ReadModel<Tables>,
  work: (snapshot: Snapshot<Tables>) => Promise<Result>,
): Promise<Result | undefined> {
  try {
    if (!(await isMade(model))) return undefined
    return await model
      .transaction()
      .setIsolationLevel('repeatable read')
      .setAccessMode('read only')
      .execute(async (transaction) => {
        const head = await readHead(transaction, model.version)
        return head && work({ head, db: transaction.withSchema(head.schema) })
      })
  } catch (error) {
    if (isMissingTable(error)) return undefined
    throw error
  }
}

/** Where the read model stands now. */
export function readHeadOf<Tables>(model: ReadModel<Tables>): () => Promise<Head | undefined> {
  return () => inSnapshot(model, async (snapshot) => snapshot.head)
}

export type Snapshot<Tables> = { readonly head: Head; readonly db: Kysely<Tables> }

/** A table of the snapshot's own version, for statements that are written out. */
export function tableOf<Tables>({ head }: Snapshot<Tables>, table: keyof Tables & string): RawBuilder<unknown> {
  return sql.id(head.schema, table)
}

export type Head = {
  /** Where the live version's tables stand. */
  readonly schema: string
  readonly positions: readonly HeadPosition[]
  /** Why a partition of it stands still until a person has acted; what it holds is not what the ledger is. */
  readonly stopped: string | undefined
  /** Since the model was last known to hold everything, for its oldest partition; undefined before the first time. */
  readonly ageSeconds: number | undefined
}

/** With the hash of the chain of commits there. */
export type HeadPosition = Position & { readonly hash: string }

/** Read models that were found made: they stay so. */
const made = new WeakSet<object>()

/** Asking for a table that is not there yet would stand in PostgreSQL's log as an error, on every first start. */
async function isMade(model: QueryExecutorProvider): Promise<boolean> {
  if (made.has(model)) return true
  const asked = await sql<{ is_made: boolean }>`
    select to_regclass('projection.checkpoint') is not null as is_made`.execute(model)
  if (asked.rows[0]?.is_made !== true) return false
  made.add(model)
  return true
}

type HeadRow = {
  schema_name: string
  partition: number
  seq: bigint
  hash: string
  stopped: string | null
  age: number | null
}

/** Each service has a database of its own, with one read model in it. Undefined where its version is a lower one. */
async function readHead(db: QueryExecutorProvider, leastVersion: number): Promise<Head | undefined> {
  const { rows } = await sql<HeadRow>`
    select version.schema_name, checkpoint.partition, checkpoint.seq, checkpoint.hash, checkpoint.stopped,
      extract(epoch from clock_timestamp() - checkpoint.caught_up_at)::float8 as age
    from projection.version as version join projection.checkpoint as checkpoint using (schema_name)
    where version.state = 'live' and version.version >= ${leastVersion}
    order by checkpoint.partition`.execute(db)
  const first = rows[0]
  if (!first) return undefined
  const ages = rows.flatMap((row) => (row.age === null ? [] : [row.age]))
  return {
    schema: first.schema_name,
    positions: rows.map(({ partition, seq, hash }) => ({ partition, seq: Number(seq), hash })),
    stopped: rows.find((row) => row.stopped !== null)?.stopped ?? undefined,
    ageSeconds: ages.length === rows.length ? Math.max(0, ...ages) : undefined,
  }
}
