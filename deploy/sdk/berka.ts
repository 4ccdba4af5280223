import type { AccountToOpen, ImportedRow, ImportSource, PaymentToSend } from './import-source.ts'
import { type CsvColumns, type CsvRow, readCsv } from './read-csv.ts'

/** The columns of the PKDD'99 Berka transactions, with the balance after each (docs/import.md). */
export const berkaColumns: CsvColumns = {
  required: ['date', 'trans_id', 'account_id', 'amount_haler', 'rounding_haler', 'balance_haler'],
  optional: ['seq', 'intraday', 'type', 'operation', 'k_symbol', 'bank', 'account', 'subset'],
}

const currency = 'CZK'
const house = 'berka:house'
const integer = /^(?:0|-?[1-9][0-9]{0,15})$/
const identifier = /^[0-9]{1,16}$/
const bank = /^[A-Z]{0,4}$/

/**
 * A real bank's history: one-sided rows become payments against accounts for cash, other banks, fees, interest and
 * rounding.
 */
export function berkaPayments(path: string): ImportSource {
  const accounts = new Map<string, AccountToOpen>()
  const balances = new Map<string, bigint>()
  async function* rows(): AsyncGenerator<ImportedRow> {
    for await (const row of readCsv(path, berkaColumns)) {
      const fault = berkaFault(row.fields)
      if (fault !== undefined) {
        yield { line: row.line, fault }
        continue
      }
      const payment = berkaPayment(row.fields)
      for (const { from, to } of payment.postings ?? []) {
        if (!accounts.has(from)) accounts.set(from, berkaAccount(from))
        if (!accounts.has(to)) accounts.set(to, berkaAccount(to))
      }
      balances.set(customerOf(row.fields), BigInt(row.fields.balance_haler ?? ''))
      yield { line: row.line, payment }
    }
  }
  return { rows, accounts, balances }
}

type Fields = CsvRow['fields']

/** What is wrong with a row, or undefined. */
export function berkaFault(fields: Fields): string | undefined {
  const { trans_id = '', account_id = '', amount_haler = '', rounding_haler = '', balance_haler = '' } = fields
  const is = (name: string, text: string, expected: string) =>
    `${name} is ${JSON.stringify(text)}, and must be ${expected}`
  if (!isDate(fields.date ?? '')) return is('date', fields.date ?? '', 'a date such as 1993-01-31')
  if (!identifier.test(trans_id)) return is('trans_id', trans_id, 'a number')
  if (!identifier.test(account_id)) return is('account_id', account_id, 'a number')
  if (!integer.test(amount_haler) || Number(amount_haler) === 0) {
    return is('amount_haler', amount_haler, 'an integer of 1/100 CZK that is not 0')
  }
  if (!integer.test(rounding_haler)) return is('rounding_haler', rounding_haler, 'an integer of 1/100 CZK')
  if (!integer.test(balance_haler)) return is('balance_haler', balance_haler, 'an integer of 1/100 CZK')
  if (!bank.test(fields.bank ?? '')) return is('bank', fields.bank ?? '', 'empty, or a code such as AB')
  return undefined
}

function isDate(text: string): boolean {
  if (!/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text)) return false
  const instant = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(instant.getTime()) && instant.toISOString().startsWith(text)
}

/** The payment that a row stands for; the source's rounding is a second posting, so both happen or neither. */
export function berkaPayment(fields: Fields): PaymentToSend {
  const customer = customerOf(fields)
  const postings = [posting(customer, counterpartyOf(fields), fields.amount_haler ?? '')]
  if (fields.rounding_haler !== '0') postings.push(posting(customer, 'berka:rounding', fields.rounding_haler ?? ''))
  const what = fields.k_symbol || fields.operation || fields.type || ''
  const where = fields.bank && fields.account ? ` (${fields.bank} ${fields.account})` : ''
  return {
    idempotencyKey: `berka:${fields.trans_id}`,
    postings,
    effectiveAt: `${fields.date}T00:00:00Z`,
    reference: `berka ${fields.trans_id}`,
    ...(what ? { description: `${what}${where}` } : {}),
    metadata: metadataOf(fields),
  }
}

/** What finance adds up by day: the source's own words. */
function metadataOf({ operation, k_symbol, type }: Fields): Record<string, string> {
  return {
    ...(type ? { type } : {}),
    ...(operation ? { operation } : {}),
    ...(k_symbol ? { purpose: k_symbol } : {}),
  }
}

function posting(customer: string, counterparty: string, signed: string) {
  return signed.startsWith('-')
    ? { from: customer, to: counterparty, amount: signed.slice(1), currency }
    : { from: counterparty, to: customer, amount: signed, currency }
}

function customerOf(fields: Fields): string {
  return `berka:${fields.account_id}`
}

function counterpartyOf(fields: Fields): string {
  if (fields.bank) return `berka:bank:${fields.bank}`
  if (fields.k_symbol === 'interest credited') return 'berka:interest'
  if (fields.k_symbol === 'sanction interest if negative balance') return 'berka:penalty-interest'
  if (fields.k_symbol === 'payment for statement') return 'berka:fees'
  return fields.operation === 'credit card withdrawal' ? 'berka:cards' : 'berka:cash'
}

const named: Readonly<Record<string, { type: 'internal' | 'external'; name: string }>> = {
  'berka:interest': { type: 'internal', name: 'Interest paid' },
  'berka:penalty-interest': { type: 'internal', name: 'Penalty interest received' },
  'berka:fees': { type: 'internal', name: 'Fees received' },
  'berka:rounding': { type: 'internal', name: 'Rounding of the source' },
  'berka:cards': { type: 'external', name: 'Card scheme' },
  'berka:cash': { type: 'external', name: 'Cash desk' },
}

/** History is replayed as it was, overdrawn days too: so no account of it has a limit. */
export function berkaAccount(accountId: string): AccountToOpen {
  const shared = { accountId, currency, overdraftLimit: 'unlimited' } as const
  const known = named[accountId]
  if (known) return { ...shared, ...known, owner: house }
  const bankCode = accountId.startsWith('berka:bank:') ? accountId.slice('berka:bank:'.length) : undefined
  if (bankCode) return { ...shared, type: 'external', name: `Bank ${bankCode}`, owner: house }
  const client = accountId.slice('berka:'.length)
  return { ...shared, type: 'customer', name: `Account ${client}`, owner: `berka:client:${client}` }
}
