import type {
  BankStatementRow,
  ReconciliationTables,
  StatementWithdrawalRow,
} from '@micropay/projections/reconciliation/tables'
import type { Reconciliation } from '@micropay/schemas/api/reconciliation'
import { endOfDay } from '@micropay/schemas/days'
import type { StatementLine } from '@micropay/schemas/log/statement-shapes'
import { type RawBuilder, sql } from 'kysely'
import type { AccountName } from '../position/account-name.ts'
import { type Snapshot, tableOf } from '../position/snapshot.ts'
import { entryOf, ledgerEntries, type ToldEntry } from './entry-queries.ts'
import { DATE_TOLERANCE_DAYS } from './match.ts'
import { reconcileAccount } from './reconcile.ts'
import { withdrawnStatement } from './withdrawn-statement.ts'

/**
 * So many statements, lines of them and entries of an account are matched together, the newest ones; statements before
 * them are not shown.
 */
const MAX_STATEMENTS = 1_000
const MAX_LINES = 100_000
const MAX_ENTRIES = 100_000

/** A sequence counts in its partition alone, so what orders statements of all of them is when they were imported. */
export type StatementPlace = { readonly decidedAt: Date; readonly partition: number; readonly seq: bigint }

/** The statements that count, or those that were withdrawn. */
export type WhichStatements = 'standing' | 'withdrawn'

/**
 * Where statements that stand are, or those that were withdrawn, newest import first, before the place that the last
 * page ended with.
 */
export async function listStatements(
  snapshot: Snapshot<ReconciliationTables>,
  tenant: string,
  account: string | undefined,
  page: {
    readonly which: WhichStatements
    readonly before: StatementPlace | undefined
    readonly limit: number
  },
): Promise<(StatementPlace & { accountId: string; statementId: string })[]> {
  const where = [sql`tenant = ${tenant}`, isOf(page.which, snapshot)]
  if (account !== undefined) where.push(sql`account_id = ${account}`)
  if (page.before !== undefined) {
    const { decidedAt, partition, seq } = page.before
    where.push(sql`(decided_at, partition, seq) < (${decidedAt}, ${partition}, ${seq})`)
  }
  const { rows } = await sql<{
    accountId: string
    statementId: string
    decidedAt: Date
    partition: number
    seq: bigint
  }>`
    select account_id as "accountId", statement_id as "statementId", decided_at as "decidedAt", partition, seq
    from ${tableOf(snapshot, 'bank_statement')} statement
    where ${sql.join(where, sql` and `)}
    order by decided_at desc, partition desc, seq desc limit ${page.limit}`.execute(snapshot.db)
  return rows
}

/**
 * Every statement of an account that stands, matched as the ledger stands now: what was booked since the import counts
 * too. Days are those of `zone`.
 */
export async function reconciliationsOf(
  snapshot: Snapshot<ReconciliationTables>,
  tenant: string,
  accountId: string,
  zone: string,
): Promise<Reconciliation[]> {
  const statements = await statementRows(snapshot, tenant, accountId, 'standing')
  const days = statements.flatMap(({ from_day, to_day, lines }) => [
    from_day,
    to_day,
    ...lines.flatMap((line) => line.valueOn ?? []),
  ])
  const [first, last] = [days.toSorted()[0], days.toSorted().at(-1)]
  if (first === undefined || last === undefined) return []
  const tolerance = sql`${DATE_TOLERANCE_DAYS + 1} * interval '1 day'`
  const booked = sql`(select * from ${tableOf(snapshot, 'ledger_entry')}
    where tenant = ${tenant} and account_id = ${accountId} and effective_at >= ${first}::date - ${tolerance}
      and effective_at < ${last}::date + ${tolerance} + interval '1 day'
    order by effective_at desc, seq desc, index desc limit ${MAX_ENTRIES})`
  const { rows: entries } = await sql<ToldEntry & { day: string }>`
    select *, to_char(effective_at at time zone ${zone}::text, 'YYYY-MM-DD') as day
    from ${ledgerEntries(snapshot, booked)} as told
    order by effective_at desc, seq desc, index desc`.execute(snapshot.db)
  const knownBehind = entries.length < MAX_ENTRIES ? undefined : entries.at(-1)?.day
  entries.sort((a, b) => Number(a.seq - b.seq) || a.index - b.index)
  return reconcileAccount({
    statements,
    knownBehind,
    entries: entries.map((row) => ({ ...entryOf(row), day: row.day })),
    balances: await balancesOn(snapshot, { tenant, accountId }, { days: statements.map(({ to_day }) => to_day), zone }),
  })
}

/** Those of an account that were withdrawn, as they were imported: they are matched with no entry. */
export async function withdrawnOf(
  snapshot: Snapshot<ReconciliationTables>,
  tenant: string,
  accountId: string,
  zone: string,
): Promise<Reconciliation[]> {
  const statements = await statementRows(snapshot, tenant, accountId, 'withdrawn')
  const balances = await balancesOn(
    snapshot,
    { tenant, accountId },
    { days: statements.map(({ to_day }) => to_day), zone },
  )
  const { rows } = await sql<StatementWithdrawalRow>`select * from ${tableOf(snapshot, 'bank_statement_withdrawal')}
    where tenant = ${tenant} and account_id = ${accountId}`.execute(snapshot.db)
  const withdrawals = new Map(rows.map((row) => [row.statement_seq, row]))
  return statements.flatMap((statement) => {
    const withdrawal = withdrawals.get(statement.seq)
    return withdrawal ? [withdrawnStatement(statement, withdrawal, balances)] : []
  })
}

/** The newest statements of an account with all of their lines, as many as are shown. */
async function statementRows(
  snapshot: Snapshot<ReconciliationTables>,
  tenant: string,
  accountId: string,
  which: WhichStatements,
): Promise<BankStatementRow[]> {
  const { rows } = await sql<BankStatementRow & { parts: StatementLine[][] }>`
    select statement.*, (${partsOf(snapshot)}) as parts
    from ${tableOf(snapshot, 'bank_statement')} statement join (
      select seq, row_number() over newest as place, sum(line_count) over newest as told
      from ${tableOf(snapshot, 'bank_statement')} statement
      where tenant = ${tenant} and account_id = ${accountId} and ${isOf(which, snapshot)}
      window newest as (order by to_day desc, seq desc)
    ) counted using (seq)
    where tenant = ${tenant} and account_id = ${accountId} and place <= ${MAX_STATEMENTS}
      and (told <= ${MAX_LINES} or place = 1)`.execute(snapshot.db)
  return rows.map(({ parts, ...row }) => ({ ...row, lines: [...parts.flat(), ...row.lines] }))
}

/** Of `statement`, a row of `bank_statement`. */
export function isOf(which: WhichStatements, snapshot: Snapshot<ReconciliationTables>): RawBuilder<unknown> {
  return sql`${sql.raw(which === 'standing' ? 'not exists' : 'exists')} (
    select from ${tableOf(snapshot, 'bank_statement_withdrawal')} withdrawal
    where withdrawal.tenant = statement.tenant and withdrawal.account_id = statement.account_id
      and withdrawal.statement_seq = statement.seq)`
}

/** The lines of a statement's parts but the last; of one that was begun anew, those of the last time. */
function partsOf(snapshot: Snapshot<ReconciliationTables>) {
  return sql`select coalesce(json_agg(lines order by part), '[]') from (
      select distinct on (part) part, part.lines from ${tableOf(snapshot, 'bank_statement_part')} part
      where part.tenant = statement.tenant and part.account_id = statement.account_id
        and part.import_id = statement.import_id and part.seq < statement.seq order by part, part.seq desc
    ) latest`
}

/** What an account stood at when each of the days ended in the zone, by value date. */
async function balancesOn(
  snapshot: Snapshot<ReconciliationTables>,
  { tenant, accountId }: AccountName,
  { days, zone }: { readonly days: readonly string[]; readonly zone: string },
): Promise<Map<string, bigint>> {
  const asked = [...new Set(days)].sort().reverse()
  const oldest = asked.at(-1)
  if (oldest === undefined) return new Map()
  // From the balance of now back, since statements are of late: what moved before them is not added up.
  const { rows } = await sql<{ day: string | null; moved: string }>`
    select null as day, balance_minor::text as moved from ${tableOf(snapshot, 'ledger_account')}
    where tenant = ${tenant} and account_id = ${accountId}
    union all
    select to_char(quarter at time zone ${zone}::text, 'YYYY-MM-DD') as day, sum(in_minor - out_minor)::text as moved
    from ${tableOf(snapshot, 'movement')}
    where tenant = ${tenant} and account_id = ${accountId} and quarter >= ${endOfDay(oldest, zone)}
    group by 1`.execute(snapshot.db)
  const later = rows.flatMap(({ day, moved }) => (day === null ? [] : [{ day, moved: BigInt(moved) }]))
  later.sort((a, b) => (a.day < b.day ? 1 : -1))
  let balance = BigInt(rows.find(({ day }) => day === null)?.moved ?? 0)
  let next = 0
  const balances = new Map<string, bigint>()
  for (const day of asked) {
    for (let move = later[next]; move && move.day > day; move = later[next]) {
      balance -= move.moved
      next += 1
    }
    balances.set(day, balance)
  }
  return balances
}
