import type { RecordKind } from '@micropay/projections/audit/tables'
import { partitionOf } from '@micropay/schemas/placement'
import { type Selectable, sql } from 'kysely'
import type { AccountName } from '../position/account-name.ts'
import { readNow } from '../position/await-position.ts'
import type { ReadModel } from '../position/open-database.ts'
import type { Snapshot } from '../position/snapshot.ts'
import type { AuditTables } from './audit-tables.ts'

/** Where a record stands, and the hash that it had when it was indexed, base64url. */
export type IndexedPlace = {
  readonly partition: number
  readonly offset: bigint
  readonly kind: RecordKind
  readonly reason: string | null
  readonly epoch: number | null
  readonly seq: number | null
  /** Of a commit that counts. */
  readonly tenant: string | null
  readonly hash: string
}

function placeOf({ log_offset, epoch, seq, hash, ...row }: Selectable<AuditTables['record']>): IndexedPlace {
  return {
    ...row,
    offset: log_offset,
    epoch: epoch === null ? null : Number(epoch),
    seq: seq === null ? null : Number(seq),
    hash: hash.toString('base64url'),
  }
}

/**
 * The commits that concern a tenant's account behind a sequence, in order. It lives on one partition; what another one
 * refused that named it concerned nothing that was there.
 */
export async function placesOfAccount(
  model: ReadModel<AuditTables>,
  { tenant, accountId }: AccountName,
  after: number,
  limit: number,
): Promise<IndexedPlace[]> {
  const rows = await readNow(model, ({ db, head }) =>
    db
      .selectFrom('account_record as a')
      .innerJoin('record as r', (join) =>
        join.onRef('r.partition', '=', 'a.partition').onRef('r.seq', '=', 'a.seq').on('r.kind', '=', sql.lit('commit')),
      )
      .where('a.tenant', '=', tenant)
      .where('a.account_id', '=', accountId)
      .where('a.partition', '=', partitionOf(accountId, head.positions.length))
      .where('a.seq', '>', BigInt(after))
      .orderBy('a.seq')
      .limit(limit)
      .selectAll('r')
      .execute(),
  )
  return rows.map(placeOf)
}

/** The commits that are steps of a tenant's payment across partitions, by partition and in their order there. */
export async function placesOfPayment(
  { db }: Snapshot<AuditTables>,
  tenant: string,
  paymentId: string,
): Promise<IndexedPlace[]> {
  const rows = await db
    .selectFrom('payment_record as p')
    .innerJoin('record as r', (join) =>
      join.onRef('r.partition', '=', 'p.partition').onRef('r.seq', '=', 'p.seq').on('r.kind', '=', sql.lit('commit')),
    )
    .where('p.payment_id', '=', paymentId)
    .where('p.tenant', '=', tenant)
    .orderBy('p.partition')
    .orderBy('p.seq')
    .limit(MOST_STEPS)
    .selectAll('r')
    .execute()
  return rows.map(placeOf)
}

/** A payment has at most 200 legs, and each of their partitions two steps. */
const MOST_STEPS = 500

const MOST_VOIDS = 20

/**
 * What the index knows of a place in the ledger: the commit that counts, the one before it, the claim it was written
 * under, and voids.
 */
export async function placesAt({ db }: Snapshot<AuditTables>, partition: number, seq: number): Promise<PlacesAt> {
  // The kind is written out, since each kind has an index of its own.
  const ofKind = (kind: RecordKind) =>
    db.selectFrom('record').selectAll().where('partition', '=', partition).where('kind', '=', sql.lit(kind))
  const commitAt = (at: number) => ofKind('commit').where('seq', '=', BigInt(at)).executeTakeFirst()
  const commit = await commitAt(seq)
  const previous = await commitAt(seq - 1)
  const voids = await ofKind('void').where('seq', '=', BigInt(seq)).orderBy('log_offset').limit(MOST_VOIDS).execute()
  const epoch = commit?.epoch ?? null
  const claim = epoch === null ? undefined : await ofKind('claim').where('epoch', '=', epoch).executeTakeFirst()
  return {
    commit: commit && placeOf(commit),
    previous: previous && placeOf(previous),
    voids: voids.map(placeOf),
    claim: claim && placeOf(claim),
  }
}

export type PlacesAt = {
  readonly commit: IndexedPlace | undefined
  readonly previous: IndexedPlace | undefined
  readonly voids: readonly IndexedPlace[]
  readonly claim: IndexedPlace | undefined
}
