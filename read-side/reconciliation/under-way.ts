import type { ReconciliationTables, UnderWayRow } from '@micropay/projections/reconciliation/tables'
import type { PaymentUnderWay, TransitBalance } from '@micropay/schemas/api/reconciliation'
import { PaymentId } from '@micropay/schemas/identifiers'
import { formatPosition } from '@micropay/schemas/position'
import { sql } from 'kysely'
import { all } from '../answer/conditions.ts'
import { toldSum } from '../answer/sum.ts'
import { type Snapshot, tableOf } from '../position/snapshot.ts'
import type { AsOf } from './as-of.ts'
import { sidesOf } from './sides.ts'

/**
 * What is between two partitions: the transit accounts that each has for the other, together. All pairs and all
 * accounts sum to zero, whichever positions the partitions were read at. A balance of the past is that of now without
 * what came after.
 */
export async function transitBalances(
  snapshot: Snapshot<ReconciliationTables>,
  tenant: string,
  asOf: AsOf,
  currency?: string,
): Promise<TransitBalance[]> {
  const { rows } = await sql<{ low: number; high: number; currency: string; balance: string }>`
    select least(partition, other) as low, greatest(partition, other) as high, currency, sum(balance)::text as balance
    from (
      select partition, other, currency, balance from ${tableOf(snapshot, 'transit')} where tenant = ${tenant}
      union all
      select entry.partition, entry.other, entry.currency, -entry.amount_minor
      from ${tableOf(snapshot, 'transit_entry')} as entry where entry.tenant = ${tenant} and ${isAfter(asOf)}
    ) as moved
    where ${currency === undefined ? sql`true` : sql`currency = ${currency}`}
    group by 1, 2, 3 having sum(balance) <> 0 order by 1, 2, 3`.execute(snapshot.db)
  return rows.map(({ low, high, currency: of, balance }) => {
    return { partitions: [low, high], currency: of, ...sidesOf(BigInt(balance)) }
  })
}

function isAfter(asOf: AsOf) {
  if (asOf.kind === 'now') return sql`false`
  if (asOf.kind === 'instant') return sql`entry.effective_at >= ${asOf.before}`
  const later = asOf.positions.map(({ partition, seq }) => {
    return sql`(entry.partition = ${partition} and entry.seq > ${seq}::int8)`
  })
  return sql`(${sql.join(later, sql` or `)})`
}

export type UnderWayPlace = { readonly since: Date; readonly partition: number; readonly seq: bigint }

/** How many payments are under way, since when the oldest is, and some of them behind a place, oldest first. */
export async function paymentsUnderWay(
  snapshot: Snapshot<ReconciliationTables>,
  tenant: string,
  { after, limit }: { readonly after: UnderWayPlace | undefined; readonly limit: number },
) {
  const across = tableOf(snapshot, 'across_payment')
  const isOpen = sql`tenant = ${tenant} and state <> 'ended'`
  const counted = await sql<{ payments: number; oldest: Date | null }>`
    select count(*)::int as payments, min(decided_at) as oldest from ${across} where ${isOpen}`.execute(snapshot.db)
  const { payments = 0, oldest = null } = counted.rows[0] ?? {}
  const { rows } = await sql<Open>`
    select payment_id, partition, seq, state, participants, legs, decided_at, deadline, reference from ${across}
    where ${all([
      isOpen,
      after && sql`(decided_at, partition, seq) > (${after.since}, ${after.partition}, ${after.seq})`,
    ])}
    order by decided_at, partition, seq limit ${limit}`.execute(snapshot.db)
  return { payments, oldest: oldest?.toISOString() ?? null, found: rows.map(underWayOf) }
}

type Open = UnderWayRow & Pick<PaymentUnderWay, 'state'>

function underWayOf(row: Open): PaymentUnderWay {
  return {
    paymentId: PaymentId.parse(row.payment_id),
    position: formatPosition({ partition: row.partition, seq: Number(row.seq) }),
    state: row.state,
    since: row.decided_at.toISOString(),
    deadline: row.deadline.toISOString(),
    partitions: [row.partition, ...row.participants].sort((a, b) => a - b),
    amounts: amountsOf(row.legs),
    reference: row.reference,
  }
}

/** What comes to accounts, by currency. */
function amountsOf(legs: UnderWayRow['legs']): PaymentUnderWay['amounts'] {
  const sums = new Map<string, bigint>()
  for (const { amount, currency } of legs) {
    const minor = BigInt(amount)
    sums.set(currency, (sums.get(currency) ?? 0n) + (minor > 0n ? minor : 0n))
  }
  return Array.from(sums, ([currency, minor]) => ({ currency, amount: toldSum(minor) }))
}
