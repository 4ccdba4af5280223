import { hash } from 'node:crypto'
import type { ImportedStatement, StatementLine } from '@micropay/schemas/log/statement-shapes'

type Moved = Pick<StatementLine, 'amount' | 'bookedOn' | 'valueOn'>
type Head = Pick<ImportedStatement, 'currency' | 'from' | 'to' | 'opening' | 'closing'>

/** What the lines so far move, as one digest: a chain over them, so that it does not matter where parts end. */
export function contentOfLines(lines: readonly Moved[], before = ''): string {
  return lines.reduce(
    (chain, { amount, bookedOn, valueOn }) => digestOf([chain, amount, bookedOn, valueOn ?? null]),
    before,
  )
}

/**
 * What makes a statement the one that it is, SHA-256 in base64url: its period, its balances, and the amount and days of
 * each line. Its id is none of that, since banks begin anew with them; nor are texts and references, of which earlier
 * versions kept less, and with which a bank may send the same statement again.
 */
export function contentOf({ currency, from, to, opening, closing }: Head, linesDigest: string): string {
  return digestOf([currency, from, to, opening, closing, linesDigest])
}

function digestOf(values: readonly unknown[]): string {
  return hash('sha256', JSON.stringify(values), 'base64url')
}
