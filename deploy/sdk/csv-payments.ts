import { BatchPayment } from '@micropay/schemas/api/payment'
import { CurrencyCode, parseMajor } from '@micropay/schemas/money'
import type { ImportedRow, ImportSource, PaymentToSend } from './import-source.ts'
import { type CsvColumns, type CsvRow, readCsv } from './read-csv.ts'

export const csvColumns: CsvColumns = {
  required: ['key', 'from', 'to', 'amount', 'currency'],
  optional: ['effective_at', 'reference', 'description'],
}

/** A plain CSV of payments, one posting a row, between accounts that are open already (docs/import.md). */
export function csvPayments(path: string): ImportSource {
  async function* rows() {
    for await (const row of readCsv(path, csvColumns)) yield csvPayment(row)
  }
  return { rows, accounts: new Map(), balances: new Map() }
}

/** Reads one row; amounts are in major units (`10.50`), dates without a time count from midnight UTC. */
export function csvPayment({ line, fields }: CsvRow): ImportedRow {
  const { key = '', from = '', to = '', amount = '', currency = '', effective_at, reference, description } = fields
  if (!CurrencyCode.safeParse(currency).success) {
    return {
      line,
      fault: `currency is ${quoted(currency)}, and must be an active ISO 4217 code in capitals, such as EUR`,
    }
  }
  const minor = parseMajor(amount, currency)
  if (minor === undefined || minor <= 0n) {
    return { line, fault: `amount is ${quoted(amount)}, and must be a positive number in ${currency}, such as 10.50` }
  }
  const payment: PaymentToSend = {
    idempotencyKey: key,
    postings: [{ from, to, amount: minor.toString(), currency }],
    ...(effective_at ? { effectiveAt: instantOf(effective_at) } : {}),
    ...(reference ? { reference } : {}),
    ...(description ? { description } : {}),
  }
  const issue = BatchPayment.safeParse(payment).error?.issues[0]
  return issue ? { line, fault: `${columnOf(issue.path)} ${issue.message}` } : { line, payment }
}

function instantOf(text: string): string {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text
}

function columnOf(path: readonly PropertyKey[]): string {
  const field = String(path.at(-1) ?? 'the row')
  const columns: Readonly<Record<string, string>> = { idempotencyKey: 'key', effectiveAt: 'effective_at' }
  return columns[field] ?? field
}

function quoted(text: string): string {
  return text === '' ? 'empty' : JSON.stringify(text)
}
