import type { BankStatementRow } from '@micropay/projections/reconciliation/tables'

type Period = Pick<BankStatementRow, 'from_day' | 'to_day' | 'seq' | 'opening_minor' | 'closing_minor'>

/** How a statement stands among the others of its account. */
export type Continuity<Row> = {
  /** The statement that this one goes on from; undefined where none ends before it, or one reaches into its period. */
  readonly previous: Row | undefined
  /** Those imported earlier whose period shares days with this one's, unless one goes on where the other closed. */
  readonly overlaps: readonly Row[]
}

/** By period, then in the order of their import. */
export function byPeriod(a: Period, b: Period): number {
  return order(a.from_day, b.from_day) || order(a.to_day, b.to_day) || Number(a.seq - b.seq)
}

/** Of all statements of one account: which one each goes on from, and which ones tell of the same days. Pure. */
export function continuityOf<Row extends Period>(statements: readonly Row[]): Map<Row, Continuity<Row>> {
  const inOrder = statements.toSorted(byPeriod)
  const previous = new Map(inOrder.map((statement) => [statement, previousOf(statement, inOrder)]))
  const isChained = (later: Row, earlier: Row) => {
    const seen = new Set<Row>()
    let at: Row | undefined = later
    while (at && !seen.has(at) && at.to_day >= earlier.from_day) {
      seen.add(at)
      const before: Row | undefined = previous.get(at)
      at = before && before.closing_minor === at.opening_minor ? before : undefined
      if (at === earlier) return true
    }
    return false
  }
  const continuity = new Map<Row, Continuity<Row>>()
  for (const statement of inOrder) {
    const sharing = inOrder.filter(
      (other) => other.seq < statement.seq && other.from_day <= statement.to_day && other.to_day >= statement.from_day,
    )
    const overlaps = sharing.filter((other) => !isChained(statement, other) && !isChained(other, statement))
    continuity.set(statement, { previous: previous.get(statement), overlaps })
  }
  return continuity
}

/** Days between two statements that neither of them tells of. */
export function gapDays(previous: Period, statement: Period): number {
  const apart = (Date.parse(statement.from_day) - Date.parse(previous.to_day)) / 86_400_000
  return Math.max(0, apart - 1)
}

/**
 * A bank may send several statements of one day, so one that ended on the first day of this one is gone on from if its
 * close is this one's opening; else it is the last of the days before, unless a period reaches into this one.
 */
function previousOf<Row extends Period>(statement: Row, inOrder: readonly Row[]): Row | undefined {
  const others = inOrder.filter((other) => other !== statement)
  const continues = (other: Row) => other.closing_minor === statement.opening_minor
  // Two that move nothing would each go on from the other.
  const isBehind = (other: Row) => other.opening_minor !== statement.closing_minor || byPeriod(other, statement) < 0
  const sameDay = others.filter((other) => other.to_day === statement.from_day && isBehind(other))
  const ended = others.filter((other) => other.to_day < statement.from_day)
  const lastDay = ended
    .map(({ to_day }) => to_day)
    .sort()
    .at(-1)
  const last = ended.filter(({ to_day }) => to_day === lastDay)
  const goesOn = sameDay.findLast(continues) ?? last.findLast(continues)
  if (goesOn) return goesOn
  const reachesIn = others.some((other) => other.from_day < statement.from_day && other.to_day >= statement.from_day)
  return reachesIn ? undefined : last.at(-1)
}

function order(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
