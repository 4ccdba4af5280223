import { type FoldState, readFold, storeFold } from '@micropay/event-log/fold-state'
import type { AcrossVerification } from '@micropay/schemas/api/across'
import type { KeptVerification, Verification, VerificationState } from '@micropay/schemas/api/audit'
import type { Kept } from '@micropay/write-side/verify/compare-kept'
import { sql } from 'kysely'
import { isMissingTable } from '../position/database-errors.ts'
import type { ReadModel } from '../position/open-database.ts'
import type { AuditTables } from './audit-tables.ts'
import { isMadeByOwner } from './own-tables.ts'
import { statementsOfVerificationTable } from './verification-table.ts'

/**
 * The verifications that were made, in the audit's own database: what they found, and where those led to that found no
 * fault, which the next one is compared with. The newest of each partition is a state that people see.
 */
export async function makeVerificationTable(model: ReadModel<AuditTables>): Promise<void> {
  await model.transaction().execute(async (transaction) => {
    const ask = async (text: string) => (await sql.raw<Record<string, unknown>>(text).execute(transaction)).rows
    if (await isMadeByOwner(ask)) return
    for (const statement of statementsOfVerificationTable()) await sql.raw(statement).execute(transaction)
  })
}

/** Each partition keeps so many: more than a year of daily ones. */
const MOST_KEPT = 500

export type Ended = {
  readonly verification: Verification
  readonly fold: FoldState
  /** `agrees: false` is a fault as well: the index or the log was changed. */
  readonly index: { readonly agrees: boolean; readonly position: string } | null
  /** Who else has read the log to where it does not lead any more; each is a fault as well. */
  readonly contradictedBy?: readonly string[]
  /** `schedule`, `micropay verify`, or the subject who asked. */
  readonly by: string
  /** Of the subject who asked. */
  readonly tenant?: string
}

export async function keepVerification(model: ReadModel<AuditTables>, ended: Ended): Promise<void> {
  const { verification, fold, index, contradictedBy = [] } = ended
  const { partition, seq, faultCount } = verification
  const finding = findingOf(ended)
  await keep(
    model,
    { ...ended, verification },
    {
      ...{ partition, position: `${partition}:${seq}`, hash: verification.hash, finding },
      faultCount: faultCount + contradictedBy.length + (index?.agrees === false ? 1 : 0),
      fold: finding === null ? JSON.stringify(storeFold(fold)) : null,
    },
  )
}

/** What all partitions say of each other. */
export type EndedAcross = { readonly verification: AcrossVerification } & Pick<Ended, 'by' | 'tenant'>

export async function keepAcross(model: ReadModel<AuditTables>, ended: EndedAcross): Promise<void> {
  const { faults, faultCount, positions } = ended.verification
  const [first] = faults
  const more = faultCount > 1 ? `, and ${faultCount - 1} more` : ''
  const finding = first ? `${first.code} at ${first.position}${more}` : null
  await keep(model, ended, { partition: null, position: positions, hash: '', finding, faultCount, fold: null })
}

type Found = Pick<Newest, 'partition' | 'position' | 'hash' | 'faultCount' | 'finding'> & {
  readonly fold: string | null
}

async function keep(
  model: ReadModel<AuditTables>,
  {
    verification,
    by,
    tenant,
  }: Pick<Ended, 'by' | 'tenant'> & { verification: { records: number; durationMs: number } },
  { partition, position, hash, faultCount, finding, fold }: Found,
): Promise<void> {
  const { records, durationMs } = verification
  await sql`insert into audit.verification
    (partition, asked_by, tenant, sound, position, hash, records, duration_ms, fault_count, finding, fold)
    values (${partition}, ${by}, ${tenant ?? null}, ${finding === null}, ${position}, ${hash}, ${records},
      ${durationMs}, ${faultCount}, ${finding}, ${fold}::jsonb)`.execute(model)
  const old = sql`select id from audit.verification where partition is not distinct from ${partition}::int
    order by id desc offset ${MOST_KEPT} limit 1`
  await sql`delete from audit.verification
    where partition is not distinct from ${partition}::int and id < (${old})`.execute(model)
}

/** The first fault by its kind and place, which names no account and no amount; null for none. */
function findingOf({ verification, index, contradictedBy = [] }: Ended): string | null {
  const { faults, faultCount, partition } = verification
  const [first] = faults
  if (first) {
    const where = first.seq === null ? `partition ${partition}` : `${partition}:${first.seq}`
    const more = faultCount > 1 ? `, and ${faultCount - 1} more` : ''
    return `${first.code} at ${where}${more}`
  }
  const [who] = contradictedBy
  if (who !== undefined) return `the log of partition ${partition} does not lead to what ${who} holds`
  return index?.agrees === false ? `the log differs from its index at ${index.position}` : null
}

/** What the last verification without a fault has left. */
export async function lastSound(model: ReadModel<AuditTables>, partition: number): Promise<Kept | undefined> {
  const { rows } = await sql<{ at: Date; fold: unknown }>`select ended_at as at, fold from audit.verification
    where partition = ${partition} and sound order by id desc limit 1`
    .execute(model)
    .catch(noneYet)
  return rows[0] && { at: rows[0].at.toISOString(), fold: readFold(rows[0].fold) }
}

/** The table is made when the service first reaches its database. */
function noneYet(error: unknown): { readonly rows: never[] } {
  if (isMissingTable(error)) return { rows: [] }
  throw error
}

type Row = {
  id: string
  partition: number | null
  at: Date
  asked_by: string
  tenant: string | null
  sound: boolean
  position: string
  hash: string
  records: string
  duration_ms: string
  fault_count: number
  finding: string | null
}

/** As people of this tenant see them: who of others has asked is not theirs to know. */
export async function listVerifications(
  model: ReadModel<AuditTables>,
  limit: number,
  shownTo: string,
): Promise<KeptVerification[]> {
  const { rows } = await sql<Row>`select id::text, partition, ended_at as at, asked_by, tenant, sound, position, hash,
    records::text, duration_ms::text, fault_count, finding from audit.verification
    order by audit.verification.id desc limit ${limit}`
    .execute(model)
    .catch(noneYet)
  return rows.map((row) => ({ ...keptOf(row), by: row.tenant === shownTo || isByProgram(row) ? row.asked_by : null }))
}

function isByProgram({ tenant, asked_by }: Row): boolean {
  return tenant === null && (asked_by === 'schedule' || asked_by === 'micropay verify')
}

type Newest = Omit<KeptVerification, 'by'>

/** The newest of each partition. */
export async function newestVerifications(model: ReadModel<AuditTables>): Promise<Newest[]> {
  const { rows } = await sql<Row>`select distinct on (partition) id::text, partition, ended_at as at, asked_by, tenant,
    sound, position, hash, records::text, duration_ms::text, fault_count, finding from audit.verification
    order by partition, audit.verification.id desc`
    .execute(model)
    .catch(noneYet)
  return rows.map(keptOf)
}

function keptOf({ at, records, duration_ms, fault_count, asked_by: _, tenant: __, ...row }: Row): Newest {
  const numbers = { records: Number(records), durationMs: Number(duration_ms), faultCount: fault_count }
  return { ...row, ...numbers, at: at.toISOString() }
}

/** What all partitions together say; `dueBefore` is when a newer verification should have been made. */
export function stateOf(newest: readonly Newest[], dueBefore: string): VerificationState {
  const unsound = newest.find(({ sound }) => !sound)
  const oldest = newest.map(({ at }) => at).sort()[0] ?? null
  return {
    sound: newest.length === 0 ? null : unsound === undefined,
    finding: unsound?.finding ?? null,
    lastAt: oldest,
    overdue: oldest === null || oldest < dueBefore,
  }
}
