import type { PeriodFactRow, ReconciliationTables } from '@micropay/projections/reconciliation/tables'
import { MAX_PERIODS, Period, type PeriodList } from '@micropay/schemas/api/period'
import type { ClosedAt } from '@micropay/schemas/api/reconciliation'
import { nextDay } from '@micropay/schemas/days'
import { PeriodId } from '@micropay/schemas/identifiers'
import { formatPosition } from '@micropay/schemas/position'
import { type RawBuilder, sql } from 'kysely'
import { type Snapshot, tableOf } from '../position/snapshot.ts'

type ReconciliationSnapshot = Snapshot<ReconciliationTables>

/** The closings of a tenant, newest first, and from where on days are open. */
export async function periodsOf(snapshot: ReconciliationSnapshot, tenant: string): Promise<PeriodList> {
  const items = await closings(snapshot, tenant, sql`c.seq > 0`, MAX_PERIODS)
  return { ...(await openDays(snapshot, tenant)), items }
}

export async function findPeriod(snapshot: ReconciliationSnapshot, tenant: string, periodId: PeriodId) {
  const [found] = await closings(snapshot, tenant, sql`c.period_id = ${periodId}`, 1)
  return found
}

/** The zone in whose days a tenant closes periods, and the first day that is open; null where all are. */
export async function openDays(snapshot: ReconciliationSnapshot, tenant: string) {
  const { rows } = await sql<{ zone: string }>`select day_zone as zone from ${tableOf(snapshot, 'period_fact')}
    where tenant = ${tenant} and kind = 'zone' order by decided_at desc, seq desc limit 1`.execute(snapshot.db)
  const last = await standing(snapshot, tenant, sql`c.closed_before desc`)
  return { zone: rows[0]?.zone ?? 'UTC', firstOpenDay: last?.through ? nextDay(last.through) : null }
}

/** The closing that seals the figures of all value dates before an instant; null where some of them are open. */
export async function closedAt(
  snapshot: ReconciliationSnapshot,
  tenant: string,
  before: Date,
): Promise<ClosedAt | null> {
  const found = await standing(snapshot, tenant, sql`c.closed_before`, sql`c.closed_before >= ${before}`)
  return found ? { periodId: PeriodId.parse(found.period_id), position: positionOf(found) } : null
}

type Standing = { period_id: string; through: string; partition: number; seq: bigint }

/** The first in an order of the closings that nobody reopened. */
async function standing(
  snapshot: ReconciliationSnapshot,
  tenant: string,
  order: RawBuilder<unknown>,
  where: RawBuilder<unknown> = sql`true`,
): Promise<Standing | undefined> {
  const facts = tableOf(snapshot, 'period_fact')
  const { rows } = await sql<Standing>`select c.period_id, c.through_day as through, c.partition, c.seq from ${facts} c
    where c.tenant = ${tenant} and c.kind = 'closed' and ${where} and not exists (
      select from ${facts} r where r.tenant = c.tenant and r.kind = 'reopened' and r.period_id = c.period_id)
    order by ${order} limit 1`.execute(snapshot.db)
  return rows[0]
}

type Reopening = {
  reopened_at: Date | null
  reopened_by: string | null
  reopened_approved_by: string | null
  reopened_why: string | null
  reopened_by_proposal: string | null
  reopened_partition: number
  reopened_seq: bigint
}

async function closings(
  snapshot: ReconciliationSnapshot,
  tenant: string,
  where: RawBuilder<unknown>,
  limit: number,
): Promise<Period[]> {
  const facts = tableOf(snapshot, 'period_fact')
  const { rows } = await sql<PeriodFactRow & Reopening>`
    select c.*, r.decided_at as reopened_at, r.actor as reopened_by, r.reason as reopened_why,
      r.approved_by as reopened_approved_by, r.proposal_id as reopened_by_proposal,
      r.partition as reopened_partition, r.seq as reopened_seq
    from ${facts} c left join ${facts} r
      on r.tenant = c.tenant and r.kind = 'reopened' and r.period_id = c.period_id
    where c.tenant = ${tenant} and c.kind = 'closed' and ${where}
    order by c.decided_at desc, c.seq desc limit ${limit}`.execute(snapshot.db)
  return rows.map(periodOf)
}

function periodOf(row: PeriodFactRow & Reopening): Period {
  return Period.parse({
    ...{ periodId: row.period_id, status: row.reopened_at ? 'reopened' : 'closed' },
    ...{ from: row.from_day, through: row.through_day, zone: row.day_zone, before: row.closed_before?.toISOString() },
    ...{ seq: Number(row.read_seq), digest: row.sealed, position: positionOf(row) },
    ...{ closedAt: row.decided_at.toISOString(), closedBy: row.actor },
    ...{ proposalId: row.proposal_id, approvedBy: row.approved_by },
    reopened: row.reopened_at && {
      position: positionOf({ partition: row.reopened_partition, seq: row.reopened_seq }),
      ...{ at: row.reopened_at.toISOString(), by: row.reopened_by },
      ...{ reason: row.reopened_why, proposalId: row.reopened_by_proposal, approvedBy: row.reopened_approved_by },
    },
  })
}

function positionOf({ partition, seq }: { readonly partition: number; readonly seq: bigint }): string {
  return formatPosition({ partition, seq: Number(seq) })
}
