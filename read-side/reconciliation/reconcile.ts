import assert from 'node:assert/strict'
import type { BankStatementRow } from '@micropay/projections/reconciliation/tables'
import type {
  LedgerEntry,
  Reconciliation,
  ReconciliationItem,
  ReconciliationSummary,
} from '@micropay/schemas/api/reconciliation'
import { AccountId } from '@micropay/schemas/identifiers'
import type { StatementLine } from '@micropay/schemas/log/statement-shapes'
import { formatPosition } from '@micropay/schemas/position'
import { byPeriod, type Continuity, continuityOf, gapDays } from './continuity.ts'
import { DATE_TOLERANCE_DAYS, type MatchEntry, type MatchLine, matchLines, type Pair } from './match.ts'
import { type Repeated, repeatedLines } from './repeated-lines.ts'
import { matchLineOf, shownLine } from './statement-line.ts'

export type DatedEntry = LedgerEntry & { readonly day: string }

/** All of an account that may belong together, as the ledger stands. */
export type AccountBooks = {
  readonly statements: readonly BankStatementRow[]
  /** In the ledger's order. */
  readonly entries: readonly DatedEntry[]
  /** Entries of that day and before are not all known; undefined when all are. */
  readonly knownBehind: string | undefined
  /** The ledger's balance in minor units when a day ended, of each day that a statement ends on. */
  readonly balances: ReadonlyMap<string, bigint>
}

/** Most statements of an overlapping period that are named. */
const MOST_OVERLAPS = 20

/**
 * Reconciles the statements of one account, in the order of their periods. Each line and each entry is used once,
 * whichever statement it stands on; a line that an earlier import tells of already is not looked for again. Pure.
 */
export function reconcileAccount({ statements, entries, knownBehind, balances }: AccountBooks): Reconciliation[] {
  const continuity = continuityOf(statements)
  const repeated = repeatedLines(continuity)
  const shownOnes = knownBehind === undefined ? statements : statementsBehind(statements, knownBehind)
  const inOrder = shownOnes.toSorted(byPeriod)
  const places = inOrder.flatMap((statement) =>
    statement.lines.flatMap((_, index) => (repeated.get(statement)?.has(index) ? [] : [{ statement, index }])),
  )
  const found = matchLines(places.map(lineAt), entries.map(bankView))
  const outcomes = new Map<BankStatementRow, Map<number, Outcome[]>>(inOrder.map((statement) => [statement, new Map()]))
  const note = (kind: Outcome['kind'], by: Outcome['matchedBy'], { line, detail, entries: indexes }: Pair) => {
    const place = places[line]
    const ofStatement = place && outcomes.get(place.statement)
    if (!ofStatement) return
    const there = ofStatement.get(place.index) ?? []
    ofStatement.set(place.index, [...there, { kind, matchedBy: by, detail, entries: held(indexes, entries) }])
  }
  for (const match of found.matched) note('matched', match.by, match)
  for (const pair of found.differing) note('differing_amount', null, pair)
  const left = leftItems(inOrder, found.left, entries)
  return inOrder.map((statement) => {
    const items = statement.lines.flatMap((line, index) =>
      lineItems(line, index, outcomes.get(statement)?.get(index) ?? [], repeated.get(statement)?.get(index)),
    )
    const balance = balances.get(statement.to_day) ?? 0n
    return reconciliationOf(statement, continuity.get(statement), balance, [...items, ...(left.get(statement) ?? [])])
  })
}

type Outcome = Pick<ReconciliationItem, 'kind' | 'matchedBy'> & {
  readonly detail: number | undefined
  readonly entries: readonly DatedEntry[]
}

function held(indexes: readonly number[], entries: readonly DatedEntry[]): DatedEntry[] {
  return indexes.flatMap((index) => entries[index] ?? [])
}

function lineAt({ statement, index }: { statement: BankStatementRow; index: number }): MatchLine {
  const line = statement.lines[index]
  assert(line, 'a place is one of a line')
  return matchLineOf(line)
}

/** One item for a line that was found as a whole or not at all, else one for each of its transactions. */
function lineItems(
  line: StatementLine,
  index: number,
  outcomes: readonly Outcome[],
  repeated: Repeated | undefined,
): ReconciliationItem[] {
  const shown = shownLine(line)
  const common = { lineNumber: index + 1, line: shown }
  const ofDetails = new Map(outcomes.flatMap((each) => (each.detail === undefined ? [] : [[each.detail, each]])))
  if (ofDetails.size > 0) {
    return shown.details.map(({ amount }, place) => {
      const outcome = ofDetails.get(place)
      const kind = outcome?.kind ?? (amount === '0' ? 'information' : 'missing_here')
      const found = { kind, matchedBy: outcome?.matchedBy ?? null, ...entriesOf(outcome?.entries ?? []) }
      return { ...common, ...found, detailNumber: place + 1, bankAmount: amount, repeats: null }
    })
  }
  const [outcome] = outcomes
  const kind = BigInt(line.amount) === 0n ? 'information' : (outcome?.kind ?? 'missing_here')
  return [
    {
      ...common,
      kind: repeated ? 'repeated' : kind,
      matchedBy: outcome?.matchedBy ?? null,
      ...{ detailNumber: null, bankAmount: line.amount },
      ...entriesOf(outcome?.entries ?? []),
      repeats: repeated ? { ...placeOf(repeated.statement), lineNumber: repeated.lineNumber } : null,
    },
  ]
}

const ofNoLine = {
  ...{ matchedBy: null, lineNumber: null, line: null },
  ...{ detailNumber: null, bankAmount: null, repeats: null },
}

/**
 * A payment is missing at the bank once, on the first statement whose period holds it. One that gives the account what
 * it takes is for information.
 */
function leftItems(
  inOrder: readonly BankStatementRow[],
  left: readonly (readonly number[])[],
  entries: readonly DatedEntry[],
): Map<BankStatementRow, ReconciliationItem[]> {
  const firstOn = new Map<string, BankStatementRow | undefined>()
  const items = new Map<BankStatementRow, ReconciliationItem[]>()
  for (const indexes of left) {
    const missing = held(indexes, entries)
    const day = missing[0]?.day ?? ''
    if (!firstOn.has(day)) {
      const first = inOrder.find(({ from_day, to_day }) => day >= from_day && day <= to_day)
      firstOn.set(day, first)
    }
    const statement = firstOn.get(day)
    if (!statement) continue
    const sum = missing.reduce((total, { amount }) => total + BigInt(amount), 0n)
    const kind = sum === 0n ? 'information' : 'missing_there'
    const there = items.get(statement) ?? []
    there.push({ kind, ...ofNoLine, ...entriesOf(missing) })
    items.set(statement, there)
  }
  return items
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

function shifted(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10)
}

export function summaryOf({ items: _, ...summary }: Reconciliation): ReconciliationSummary {
  return summary
}

/** A statement with its items, counted by kind. */
export function reconciliationOf(
  statement: BankStatementRow,
  continuity: Continuity<BankStatementRow> | undefined,
  balance: bigint,
  items: ReconciliationItem[],
): Reconciliation {
  const count = (kind: ReconciliationItem['kind']) => items.filter((item) => item.kind === kind).length
  return {
    accountId: AccountId.parse(statement.account_id),
    iban: statement.iban,
    sha256: statement.sha256,
    currency: statement.currency,
    from: statement.from_day,
    to: statement.to_day,
    opening: statement.opening_minor.toString(),
    closing: statement.closing_minor.toString(),
    ledgerClosing: (-balance).toString(),
    previous: previousOf(statement, continuity?.previous),
    overlaps: (continuity?.overlaps ?? [])
      .slice(0, MOST_OVERLAPS)
      .map((other) => ({ ...placeOf(other), from: other.from_day, to: other.to_day })),
    lines: statement.line_count,
    matched: count('matched'),
    missingHere: count('missing_here'),
    missingThere: count('missing_there'),
    differingAmount: count('differing_amount'),
    repeated: count('repeated'),
    information: count('information'),
    ...placeOf(statement),
    importedAt: statement.decided_at.toISOString(),
    ...{ importedBy: statement.actor, approvedBy: statement.approved_by },
    withdrawn: null,
    items,
  }
}

function previousOf(statement: BankStatementRow, previous: BankStatementRow | undefined): Reconciliation['previous'] {
  if (!previous) return null
  return {
    ...placeOf(previous),
    to: previous.to_day,
    closing: previous.closing_minor.toString(),
    openingDifference: (statement.opening_minor - previous.closing_minor).toString(),
    gapDays: gapDays(previous, statement),
  }
}

function placeOf({ statement_id, partition, seq }: BankStatementRow): { statementId: string; position: string } {
  return { statementId: statement_id, position: formatPosition({ partition, seq: Number(seq) }) }
}

/** What the ledger takes from an external account came into the bank account, so the sign turns round. */
function bankView({ paymentId, amount, day, reference }: DatedEntry): MatchEntry {
  return { payment: paymentId, amount: -BigInt(amount), day, reference: reference ?? undefined }
}

function entriesOf(entries: readonly DatedEntry[]): Pick<ReconciliationItem, 'entry' | 'entries'> {
  const shown = entries.map(({ day: _, ...entry }) => entry)
  return { entry: shown[0] ?? null, entries: shown }
}
