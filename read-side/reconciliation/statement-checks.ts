import type { ReconciliationTables } from '@micropay/projections/reconciliation/tables'
import { MAX_CHECKED_ACCOUNTS, type PeriodChecklist, type StatementCheck } from '@micropay/schemas/api/period'
import type { Reconciliation } from '@micropay/schemas/api/reconciliation'
import { nextDay } from '@micropay/schemas/days'
import { AccountId } from '@micropay/schemas/identifiers'
import { sql } from 'kysely'
import { type Snapshot, tableOf } from '../position/snapshot.ts'
import { isOf, reconciliationsOf } from './statement-queries.ts'

/** The days of a period that is about to be closed; without `from` it begins with the ledger. */
export type CheckedDays = {
  readonly from: string | null
  readonly through: string
  readonly zone: string
  readonly before: Date
}

type Checks = Pick<PeriodChecklist, 'accounts' | 'isEveryAccount' | 'withoutStatement'>

/**
 * What the banks' statements leave open up to a day, account by account, matched as the ledger stands. One that was
 * withdrawn counts for nothing, and is told where its days are about to be closed.
 */
export async function statementChecks(
  snapshot: Snapshot<ReconciliationTables>,
  tenant: string,
  days: CheckedDays,
): Promise<Checks> {
  const statements = tableOf(snapshot, 'bank_statement')
  const withdrawn = sql`${isOf('withdrawn', snapshot)} and from_day <= ${days.through} and to_day >= ${days.from ?? ''}`
  const told = sql`select account_id, count(*) filter (where ${withdrawn})::int as withdrawn
    from ${statements} statement
    where tenant = ${tenant} and (${isOf('standing', snapshot)} or ${withdrawn}) group by account_id`
  const { rows } = await sql<{ account_id: string; withdrawn: number }>`
    ${told} order by account_id limit ${MAX_CHECKED_ACCOUNTS + 1}`.execute(snapshot.db)
  const accounts: StatementCheck[] = []
  for (const row of rows.slice(0, MAX_CHECKED_ACCOUNTS)) {
    const reconciled = await reconciliationsOf(snapshot, tenant, row.account_id, days.zone)
    const check = checkOf(AccountId.parse(row.account_id), reconciled, days)
    accounts.push({ ...check, withdrawn: row.withdrawn })
  }
  const without = await sql<{ accounts: number }>`
    select count(*)::int as accounts from ${tableOf(snapshot, 'ledger_account')} a
    where a.tenant = ${tenant} and a.type = 'external'
      and not exists (select from (${told}) t where t.account_id = a.account_id)
      and exists (select from ${tableOf(snapshot, 'movement')} m
        where m.tenant = a.tenant and m.account_id = a.account_id and m.quarter < ${days.before})`.execute(snapshot.db)
  return {
    accounts,
    isEveryAccount: rows.length <= MAX_CHECKED_ACCOUNTS,
    withoutStatement: without.rows[0]?.accounts ?? 0,
  }
}

/** Pure. */
export function checkOf(
  accountId: AccountId,
  reconciled: readonly Reconciliation[],
  days: CheckedDays,
): Omit<StatementCheck, 'withdrawn'> {
  const items = reconciled.flatMap((statement) => statement.items)
  const lines = items.filter(({ line }) => line !== null && line.bookedOn <= days.through)
  const entries = items.filter(
    ({ kind, entry }) => kind === 'missing_there' && entry && Date.parse(entry.effectiveAt) < days.before.getTime(),
  )
  return {
    accountId,
    statements: reconciled.filter(({ from }) => from <= days.through).length,
    missingHere: lines.filter(({ kind }) => kind === 'missing_here').length,
    missingThere: entries.length,
    differingAmount: lines.filter(({ kind }) => kind === 'differing_amount').length,
    gaps: gapsIn(reconciled, days),
  }
}

/** The days without a statement, from the first one on, of which those before the period are none of it. */
function gapsIn(reconciled: readonly Reconciliation[], { from, through }: CheckedDays): StatementCheck['gaps'] {
  const inOrder = reconciled
    .map((each) => ({ from: each.from, to: each.to }))
    .sort((a, b) => (a.from < b.from ? -1 : 1))
  const first = inOrder[0]?.from
  if (first === undefined) return []
  const gaps: StatementCheck['gaps'] = []
  let next = from !== null && from > first ? from : first
  for (const statement of inOrder) {
    if (statement.from > through) break
    if (statement.from > next) gaps.push({ from: next, through: dayBefore(statement.from) })
    if (statement.to >= next) next = nextDay(statement.to)
  }
  if (next <= through) gaps.push({ from: next, through })
  return gaps
}

function dayBefore(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) - 86_400_000).toISOString().slice(0, 10)
}
