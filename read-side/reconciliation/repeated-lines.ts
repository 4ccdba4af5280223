import type { BankStatementRow } from '@micropay/projections/reconciliation/tables'
import type { StatementLine, StatementReferences } from '@micropay/schemas/log/statement-shapes'
import type { Continuity } from './continuity.ts'

/** Where a line stands already: which statement, and its number there, from 1. */
export type Repeated = { readonly statement: BankStatementRow; readonly lineNumber: number }

/**
 * The lines of statements that stand on one of an overlapping period that was imported earlier: for each statement, by
 * index. Two lines are one movement when all that both tell is the same; where a statement has it twice, so must the
 * other.
 */
export function repeatedLines(
  continuity: ReadonlyMap<BankStatementRow, Continuity<BankStatementRow>>,
): Map<BankStatementRow, ReadonlyMap<number, Repeated>> {
  const concerned = [...continuity].filter(([, { overlaps }]) => overlaps.length > 0)
  const earlier = [...new Set(concerned.flatMap(([, { overlaps }]) => overlaps))].sort((a, b) => Number(a.seq - b.seq))
  const places = new Map<string, Map<BankStatementRow, number[]>>()
  for (const statement of earlier) {
    for (const [index, line] of statement.lines.entries()) {
      const key = keyOf(line)
      const there = places.get(key) ?? new Map<BankStatementRow, number[]>()
      places.set(key, there)
      const indexes = there.get(statement)
      if (indexes) indexes.push(index)
      else there.set(statement, [index])
    }
  }
  const repeated = new Map<BankStatementRow, ReadonlyMap<number, Repeated>>()
  for (const [statement, { overlaps }] of concerned) {
    const isOverlapped = new Set(overlaps)
    const met = new Map<string, number>()
    const found = new Map<number, Repeated>()
    for (const [index, line] of statement.lines.entries()) {
      const key = keyOf(line)
      const count = met.get(key) ?? 0
      met.set(key, count + 1)
      for (const [other, indexes] of places.get(key) ?? []) {
        const at = isOverlapped.has(other) ? indexes[count] : undefined
        if (at === undefined) continue
        found.set(index, { statement: other, lineNumber: at + 1 })
        break
      }
    }
    repeated.set(statement, found)
  }
  return repeated
}

/** Where a line stands in its file says nothing of what it is. */
function keyOf({ amount, bookedOn, valueOn, text, counterparty, ...line }: StatementLine): string {
  const details = line.details?.map((each) => [each.amount, ...named(each.references), each.text, each.counterparty])
  return JSON.stringify([amount, bookedOn, valueOn, ...named(line.references), text, counterparty, details])
}

function named({ parties = [], bank = [] }: StatementReferences): (readonly string[])[] {
  return [parties.toSorted(), bank.toSorted()]
}
