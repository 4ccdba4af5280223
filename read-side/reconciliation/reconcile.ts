import type { BankStatementRow } from '@micropay/projections/reconciliation/tables'
import type {
  LedgerEntry,
  Reconciliation,
  ReconciliationItem,
  ReconciliationSummary,
} from '@micropay/schemas/api/reconciliation'
import { AccountId } from '@micropay/schemas/identifiers'
import { formatPosition } from '@micropay/schemas/position'
import { DATE_TOLERANCE_DAYS, type MatchEntry, type MatchLine, matchLines } from './match.ts'

export type DatedEntry = LedgerEntry & { readonly day: string }

/**
 * Reconciles the statements of one account, in the order of their periods: an entry that an earlier statement matched
 * is not there for a later one. `entries` are all of the account that may belong to one of them, in the ledger's order.
 * Pure.
 */
export function reconcileAccount(
  statements: readonly BankStatementRow[],
  entries: readonly DatedEntry[],
): Reconciliation[] {
  const inOrder = statements.toSorted(
    (a, b) => order(a.from_day, b.from_day) || order(a.to_day, b.to_day) || Number(a.seq - b.seq),
  )
  let free = entries
  const matched = inOrder.map((statement) => {
    const lines = statement.lines.map((line) => ({
      amount: BigInt(line.amount),
      days: line.valueOn === undefined ? [line.bookedOn] : [line.bookedOn, line.valueOn],
      references: line.references,
      text: line.text,
    }))
    const near = nearTo(lines, free)
    const { matched: pairs, differing } = matchLines(lines, near.map(bankView))
    const used = new Set([...pairs, ...differing].flatMap(({ entry }) => near[entry] ?? []))
    const pairOf = new Map(pairs.map((pair) => [pair.line, pair]))
    const otherOf = new Map(differing.map((pair) => [pair.line, pair]))
    const items: ReconciliationItem[] = statement.lines.map((line, index) => {
      const pair = pairOf.get(index)
      const other = otherOf.get(index)
      const entry = pair ? near[pair.entry] : other ? near[other.entry] : undefined
      const kind = pair ? 'matched' : other ? 'differing_amount' : 'missing_here'
      const matchedBy = pair?.by ?? null
      return {
        kind,
        matchedBy,
        lineNumber: index + 1,
        line: { ...line, references: [...line.references] },
        entry: shown(entry),
      }
    })
    free = free.filter((entry) => !used.has(entry))
    return { statement, items }
  })
  // An entry is missing at the bank once, on the first statement whose period holds it, and only if none has it.
  return matched.map(({ statement, items }) => {
    const missing = free.filter(({ day }) => day >= statement.from_day && day <= statement.to_day)
    free = free.filter(({ day }) => day < statement.from_day || day > statement.to_day)
    const left = missing.map((entry) => ({
      ...{ kind: 'missing_there' as const, matchedBy: null, lineNumber: null, line: null },
      entry: shown(entry),
    }))
    return summed(statement, [...items, ...left])
  })
}

/**
 * The statements whose lines all lie behind a day: the entries of that day and before are not all known, so earlier
 * ones would be told wrong.
 */
export function statementsBehind(statements: readonly BankStatementRow[], day: string): BankStatementRow[] {
  return statements.filter(({ from_day, lines }) => {
    const [first = from_day] = [from_day, ...lines.flatMap((line) => line.valueOn ?? [])].sort()
    return shifted(first, -DATE_TOLERANCE_DAYS) > day
  })
}

/** The entries that may belong to some of the lines, so that many statements do not each sort all of an account. */
function nearTo(lines: readonly MatchLine[], entries: readonly DatedEntry[]): readonly DatedEntry[] {
  const days = lines.flatMap((line) => line.days).sort()
  const [first, last] = [days[0], days.at(-1)]
  if (first === undefined || last === undefined) return []
  const [from, to] = [shifted(first, -DATE_TOLERANCE_DAYS), shifted(last, DATE_TOLERANCE_DAYS)]
  return entries.filter(({ day }) => day >= from && day <= to)
}

function shifted(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10)
}

export function summaryOf({ items: _, ...summary }: Reconciliation): ReconciliationSummary {
  return summary
}

function summed(statement: BankStatementRow, items: ReconciliationItem[]): Reconciliation {
  const count = (kind: ReconciliationItem['kind']) => items.filter((item) => item.kind === kind).length
  return {
    accountId: AccountId.parse(statement.account_id),
    statementId: statement.statement_id,
    iban: statement.iban,
    currency: statement.currency,
    from: statement.from_day,
    to: statement.to_day,
    opening: statement.opening_minor.toString(),
    closing: statement.closing_minor.toString(),
    lines: statement.line_count,
    matched: count('matched'),
    missingHere: count('missing_here'),
    missingThere: count('missing_there'),
    differingAmount: count('differing_amount'),
    position: formatPosition({ partition: statement.partition, seq: Number(statement.seq) }),
    importedAt: statement.decided_at.toISOString(),
    importedBy: statement.actor,
    items,
  }
}

/** What the ledger takes from an external account came into the bank account, so the sign turns round. */
function bankView(entry: DatedEntry): MatchEntry {
  return { amount: -BigInt(entry.amount), day: entry.day, reference: entry.reference ?? undefined }
}

function shown(entry: DatedEntry | undefined): LedgerEntry | null {
  if (!entry) return null
  const { day: _, ...rest } = entry
  return rest
}

function order(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
