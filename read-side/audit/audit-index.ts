import type { RecordKind } from '@micropay/projections/audit/tables'
import { ProblemError } from '@micropay/runtime/http'
import { partitionOf } from '@micropay/schemas/placement'
import type { Pool } from 'pg'

/** Where the index stands on each partition; undefined while no projection has made it yet. */
export async function readIndexHead(pool: Pool): Promise<IndexHead | undefined> {
  const found = await pool
    .query<HeadRow>(
      `select version.schema_name, checkpoint.partition, checkpoint.seq, checkpoint.hash,
         extract(epoch from clock_timestamp() - checkpoint.caught_up_at)::float8 as age
       from projection.version join projection.checkpoint using (schema_name)
       where version.service = 'audit' and version.name = 'audit' and version.state = 'live' order by checkpoint.partition`,
    )
    .catch((error: unknown) => {
      if (isMissingTable(error)) return undefined
      throw error
    })
  const first = found?.rows[0]
  if (!found || !first) return undefined
  return {
    schema: first.schema_name,
    partitions: found.rows.map((row) => ({ ...row, seq: Number(row.seq) })),
    ageSeconds: found.rows.some((row) => row.age === null)
      ? undefined
      : Math.max(0, ...found.rows.map((row) => row.age ?? 0)),
  }
}

/** The same, as a change feed asks for it. */
export function indexHeadOf(pool: Pool) {
  return async () => {
    const head = await readIndexHead(pool)
    return head && { positions: head.partitions, ageSeconds: head.ageSeconds }
  }
}

export type IndexHead = {
  readonly schema: string
  readonly partitions: readonly { readonly partition: number; readonly seq: number; readonly hash: string }[]
  /** Since it was last known to hold everything; undefined before the first time. */
  readonly ageSeconds: number | undefined
}
type HeadRow = { schema_name: string; partition: number; seq: string; hash: string; age: number | null }

/** SQLSTATE 42P01 undefined_table and 3F000 invalid_schema_name. */
function isMissingTable(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === '42P01' || error.code === '3F000')
}

async function liveHead(pool: Pool): Promise<IndexHead> {
  const head = await readIndexHead(pool)
  if (head) return head
  const detail = 'the audit index is being built for the first time: ask again soon'
  throw new ProblemError('projection_behind', detail, { headers: { 'retry-after': '2' } })
}

/** Where a record stands, and the hash that it had when it was indexed, base64url. */
export type IndexedPlace = {
  readonly partition: number
  readonly offset: bigint
  readonly kind: RecordKind
  readonly reason: string | null
  readonly epoch: number | null
  readonly seq: number | null
  readonly hash: string
}

type PlaceRow = {
  partition: number
  log_offset: string
  kind: RecordKind
  reason: string | null
  epoch: string | null
  seq: string | null
  hash: Buffer
}
const columns = ['partition', 'log_offset', 'kind', 'reason', 'epoch', 'seq', 'hash']
  .map((name) => `r.${name}`)
  .join(', ')

function placeOf(row: PlaceRow): IndexedPlace {
  return {
    partition: row.partition,
    offset: BigInt(row.log_offset),
    kind: row.kind,
    reason: row.reason,
    epoch: row.epoch === null ? null : Number(row.epoch),
    seq: row.seq === null ? null : Number(row.seq),
    hash: row.hash.toString('base64url'),
  }
}

/**
 * The commits that concern an account behind a sequence, in order. It lives on one partition; what another one refused that named it concerned
 * nothing that was there.
 */
export async function placesOfAccount(
  pool: Pool,
  accountId: string,
  after: number,
  limit: number,
): Promise<IndexedPlace[]> {
  const { schema, partitions } = await liveHead(pool)
  const found = await pool.query<PlaceRow>(
    `select ${columns} from ${schema}.account_record a
       join ${schema}.record r on r.partition = a.partition and r.seq = a.seq and r.kind = 'commit'
     where a.account_id = $1 and a.partition = $2 and a.seq > $3 order by a.seq limit $4`,
    [accountId, partitionOf(accountId, partitions.length), after, limit],
  )
  return found.rows.map(placeOf)
}

const MOST_VOIDS = 20

/** What the index knows of a place in the ledger: the commit that counts, the one before it, the claim it was written under, and voids. */
export async function placesAt(pool: Pool, partition: number, seq: number): Promise<PlacesAt> {
  const { schema } = await liveHead(pool)
  const ask = async (where: string, values: readonly unknown[]) =>
    (
      await pool.query<PlaceRow>(`select ${columns} from ${schema}.record r where r.partition = $1 and ${where}`, [
        ...values,
      ])
    ).rows.map(placeOf)
  const [commit] = await ask(`r.seq = $2 and r.kind = 'commit'`, [partition, seq])
  const [previous] = await ask(`r.seq = $2 and r.kind = 'commit'`, [partition, seq - 1])
  const voids = await ask(`r.seq = $2 and r.kind = 'void' order by r.log_offset limit ${MOST_VOIDS}`, [partition, seq])
  const epoch = commit?.epoch ?? null
  const [claim] = epoch === null ? [] : await ask(`r.epoch = $2 and r.kind = 'claim'`, [partition, epoch])
  return { commit, previous, voids, claim }
}

export type PlacesAt = {
  readonly commit: IndexedPlace | undefined
  readonly previous: IndexedPlace | undefined
  readonly voids: readonly IndexedPlace[]
  readonly claim: IndexedPlace | undefined
}
