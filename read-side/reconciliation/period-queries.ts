import type { PeriodFactRow, ReconciliationTables } from '@micropay/projections/reconciliation/tables'
import { MAX_PERIODS, MAX_WAITED_FOR, Period, type PeriodList } from '@micropay/schemas/api/period'
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
/** On several partitions what ended a closing. */
type End = { end_kind: 'closed' | 'called off' | null; end_at: Date | null; end_partition: number; end_seq: bigint }
type CalledOff = { end_by: string | null; end_code: string | null; end_detail: string | null; end_why: string | null }
type ClosingRow = PeriodFactRow & Reopening & End & CalledOff

/** What was closed on several partitions began as a closing there, which names who asked for it. */
async function closings(
  snapshot: ReconciliationSnapshot,
  tenant: string,
  where: RawBuilder<unknown>,
  limit: number,
): Promise<Period[]> {
  const facts = tableOf(snapshot, 'period_fact')
  const { rows } = await sql<ClosingRow>`
    select c.*, r.decided_at as reopened_at, r.actor as reopened_by, r.reason as reopened_why,
      r.approved_by as reopened_approved_by, r.proposal_id as reopened_by_proposal,
      r.partition as reopened_partition, r.seq as reopened_seq,
      e.kind as end_kind, e.decided_at as end_at, e.partition as end_partition, e.seq as end_seq,
      e.actor as end_by, e.code as end_code, e.detail as end_detail, e.reason as end_why
    from ${facts} c left join ${facts} r
      on r.tenant = c.tenant and r.kind = 'reopened' and r.period_id = c.period_id
    left join ${facts} e on c.kind = 'closing' and e.tenant = c.tenant and e.kind in ('closed', 'called off')
      and e.period_id = c.period_id
    where c.tenant = ${tenant} and ${where}
      and (c.kind = 'closing' or (c.kind = 'closed' and c.seals is null))
    order by c.decided_at desc, c.seq desc limit ${limit}`.execute(snapshot.db)
  return Promise.all(rows.map((row) => periodOf(row, snapshot, tenant)))
}

async function periodOf(row: ClosingRow, snapshot: ReconciliationSnapshot, tenant: string): Promise<Period> {
  const status = statusOf(row)
  const isEnded = row.end_at !== null
  return Period.parse({
    ...{ periodId: row.period_id, status },
    ...{ from: row.from_day, through: row.through_day, zone: row.day_zone, before: row.closed_before?.toISOString() },
    ...{ seq: Number(row.read_seq), digest: row.sealed },
    position: positionOf(isEnded ? { partition: row.end_partition, seq: row.end_seq } : row),
    ...{ closedAt: (row.end_at ?? row.decided_at).toISOString(), closedBy: row.actor },
    ...{ proposalId: row.proposal_id, approvedBy: row.approved_by },
    reopened: row.reopened_at && {
      position: positionOf({ partition: row.reopened_partition, seq: row.reopened_seq }),
      ...{ at: row.reopened_at.toISOString(), by: row.reopened_by },
      ...{ reason: row.reopened_why, proposalId: row.reopened_by_proposal, approvedBy: row.reopened_approved_by },
    },
    ...(row.seals ? { seals: row.seals } : {}),
    ...(status === 'closing' ? { underWay: await waitedFor(row, snapshot, tenant) } : {}),
    ...(status === 'called_off' ? { calledOff: calledOffIn(row) } : {}),
  })
}

function statusOf({ kind, reopened_at: reopenedAt, end_kind: end }: ClosingRow): Period['status'] {
  if (reopenedAt) return 'reopened'
  if (kind === 'closed' || end === 'closed') return 'closed'
  return end === 'called off' ? 'called_off' : 'closing'
}

function calledOffIn(row: ClosingRow) {
  return {
    position: positionOf({ partition: row.end_partition, seq: row.end_seq }),
    ...{ at: row.end_at?.toISOString(), by: row.end_by, reason: row.end_why },
    ...{ code: row.end_code, detail: row.end_detail },
  }
}

/** Whom a closing waits for: partitions, as each says in its own log, and payments under way into its days. */
async function waitedFor(row: ClosingRow, snapshot: ReconciliationSnapshot, tenant: string) {
  const told = await sql<{ partition: number; sealed: boolean }>`
    select partition,
      coalesce(max(seq) filter (where kind = 'sealed') > max(seq) filter (where kind = 'taken'), false) as sealed
    from ${tableOf(snapshot, 'period_fact')}
    where tenant = ${tenant} and period_id = ${row.period_id} and kind in ('taken', 'sealed')
    group by partition`.execute(snapshot.db)
  const sealed = new Map(told.rows.map((each) => [each.partition, each.sealed]))
  const payments = await sql<{ payment_id: string; partition: number; participants: number[] }>`
    select payment_id, partition, participants from ${tableOf(snapshot, 'across_payment')}
    where tenant = ${tenant} and state <> 'ended' and effective_at < ${row.closed_before}
    order by decided_at, partition, seq limit ${MAX_WAITED_FOR}`.execute(snapshot.db)
  return {
    until: row.waits_until?.toISOString(),
    partitions: snapshot.head.positions.map(({ partition }) => {
      const isSealed = sealed.get(partition)
      const isHeard = isSealed !== undefined || partition === row.partition
      return { partition, state: isSealed ? 'sealed' : isHeard ? 'waiting' : 'not reached' }
    }),
    payments: payments.rows.map(({ payment_id: paymentId, partition, participants }) => {
      return { paymentId, partitions: [partition, ...participants].sort((a, b) => a - b) }
    }),
  }
}

function positionOf({ partition, seq }: { readonly partition: number; readonly seq: bigint }): string {
  return formatPosition({ partition, seq: Number(seq) })
}
