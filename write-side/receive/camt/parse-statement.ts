import { createHash } from 'node:crypto'
import {
  type BankStatement,
  MAX_ACCOUNT_NUMBER,
  MAX_STATEMENT_LINES,
  type StatementLine,
  type StatementSums,
  sumsOf,
} from '@micropay/schemas/api/statement'
import { normalIban, wrongWithIban } from '@micropay/schemas/iban'
import { CurrencyCode, exponentOf, MAX_AMOUNT_MINOR } from '@micropay/schemas/money'
import { withoutHiding } from '@micropay/schemas/text'
import { type Entry, Statement, statementsIn } from './camt-document.ts'
import { UnreadableError } from './unreadable-error.ts'

const MAX_SUM_MINOR = MAX_AMOUNT_MINOR * 1000n

export type ParsedStatement =
  | { readonly kind: 'statement'; readonly statement: BankStatement }
  | { readonly kind: 'unreadable'; readonly detail: string }
  | { readonly kind: 'does_not_add_up'; readonly statement: BankStatement; readonly sums: StatementSums }

/**
 * Reads a camt.053 message (versions 02 and later) of one statement, exactly: amounts are minor units from the start.
 * Every statement in it must add up, which is checked before all else. Lines that are pending or for information alone
 * are left out: they are not in the balance either.
 */
export function parseStatement(bytes: Uint8Array): ParsedStatement {
  try {
    const found = statementsIn(bytes).map(statementOf)
    for (const statement of found) {
      const sums = sumsOf(statement)
      if (sums.difference !== 0n) return { kind: 'does_not_add_up', statement, sums }
      if (sums.credits > MAX_SUM_MINOR) throw new UnreadableError('the credits add up to more than a ledger can hold')
    }
    const [statement] = found
    if (!statement) throw new UnreadableError('the message holds no statement')
    if (found.length > 1) throw new UnreadableError(`the message holds ${found.length} statements: send one at a time`)
    return { kind: 'statement', statement }
  } catch (error) {
    if (error instanceof UnreadableError) return { kind: 'unreadable', detail: error.message }
    throw error
  }
}

function statementOf(tree: unknown): BankStatement {
  const parsed = Statement.safeParse(tree)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw new UnreadableError(
      `Stmt/${issue?.path.join('/') ?? ''} ${issue?.message ?? 'is not as it should be'}: ` +
        'ask the bank for a complete camt.053',
    )
  }
  const statement = parsed.data
  const iban = accountNumberOf(statement)
  const opening = balanceOf(statement, ['OPBD', 'PRCD'])
  const closing = balanceOf(statement, ['CLBD'])
  const currency = currencyOf(statement.Acct.Ccy ?? closing.Amt['@Ccy'])
  const booked = statement.Ntry.filter((entry) => entry.Sts === undefined || entry.Sts === 'BOOK')
  if (booked.length > MAX_STATEMENT_LINES) {
    throw new UnreadableError(
      `the statement has ${booked.length} lines, and at most ${MAX_STATEMENT_LINES} are taken: ` +
        'ask the bank for a statement a day',
    )
  }
  const lines = booked.map((entry) => lineOf(entry, currency, closing.Dt))
  const stated = statement.FrToDt ? [statement.FrToDt.from, statement.FrToDt.to] : []
  const days = [...lines.map((line) => line.bookedOn), closing.Dt, ...stated].sort()
  return {
    statementId: clean(statement.Id)?.slice(0, 64) === statement.Id ? statement.Id : digestOf(statement.Id),
    iban,
    currency,
    from: days[0] ?? closing.Dt,
    to: days.at(-1) ?? closing.Dt,
    opening: signedMinor(opening, currency, 'the opening balance').toString(),
    closing: signedMinor(closing, currency, 'the closing balance').toString(),
    lines,
  }
}

/** An IBAN, or what a bank without one calls the account. */
function accountNumberOf({ Acct: { Id } }: Statement): string {
  const iban = normalIban(clean(Id.IBAN) ?? '')
  if (iban !== '') {
    const wrong = wrongWithIban(iban)
    if (wrong === undefined) return iban
    throw new UnreadableError(`Stmt/Acct/Id/IBAN ${iban.slice(0, 40)}: ${wrong}. Ask the bank for a correct camt.053`)
  }
  const other = (clean(Id.Othr?.Id) ?? '').replaceAll(' ', '')
  if (other === '')
    throw new UnreadableError('Stmt/Acct/Id has neither IBAN nor Othr/Id: ask the bank for a complete camt.053')
  if (other.length <= MAX_ACCOUNT_NUMBER) return other
  throw new UnreadableError(
    `Stmt/Acct/Id/Othr/Id has ${other.length} characters, and at most ${MAX_ACCOUNT_NUMBER} are taken: ` +
      'ask the bank for a correct camt.053',
  )
}

function balanceOf(statement: Statement, codes: readonly string[]) {
  for (const code of codes) {
    const found = statement.Bal.find((balance) => balance.Tp === code)
    if (found) return found
  }
  throw new UnreadableError(
    `the statement ${statement.Id} has no balance of type ${codes.join(' or ')}: ` +
      'ask the bank for one with opening and closing balance',
  )
}

function lineOf(entry: Entry, currency: CurrencyCode, statementDay: string): StatementLine {
  const amount = signedMinor(entry, currency, `the line ${entry.NtryRef ?? entry.AcctSvcrRef ?? ''}`.trim())
  const details = entry.NtryDtls.flatMap((each) => each.TxDtls)
  const references = details.flatMap(({ Refs, RmtInf }) => [
    Refs?.EndToEndId,
    ...(RmtInf?.Strd ?? []).map((each) => each.CdtrRefInf?.Ref),
    Refs?.InstrId,
    Refs?.PmtInfId,
    Refs?.AcctSvcrRef,
  ])
  const named = [...references, entry.AcctSvcrRef, entry.NtryRef].flatMap((reference) => clean(reference) ?? [])
  const text = clean(details.flatMap(({ RmtInf }) => RmtInf?.Ustrd ?? []).join(' ')) ?? clean(entry.AddtlNtryInf)
  const parties = details.flatMap(({ RltdPties }) => (amount > 0n ? RltdPties?.Dbtr : RltdPties?.Cdtr) ?? [])
  const counterparty = clean(parties[0])
  return {
    amount: amount.toString(),
    bookedOn: entry.BookgDt ?? entry.ValDt ?? statementDay,
    ...(entry.ValDt === undefined ? {} : { valueOn: entry.ValDt }),
    references: [...new Set(named.filter((reference) => reference !== 'NOTPROVIDED'))].slice(0, 8),
    ...(text === undefined ? {} : { text }),
    ...(counterparty === undefined ? {} : { counterparty }),
  }
}

/**
 * One line of at most 140 characters, without control characters and what hides or reorders (nobody here can mend a
 * bank's text); undefined when nothing is left.
 */
function clean(text: string | undefined): string | undefined {
  const line = withoutHiding(text ?? '')
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim()
    .slice(0, 140)
    .toWellFormed()
  return line === '' ? undefined : line
}

type Signed = {
  readonly Amt: { readonly '#text': string; readonly '@Ccy': string }
  readonly CdtDbtInd: 'CRDT' | 'DBIT'
}

function signedMinor({ Amt, CdtDbtInd }: Signed, currency: CurrencyCode, what: string): bigint {
  if (Amt['@Ccy'] !== currency) {
    throw new UnreadableError(
      `${what} is in ${Amt['@Ccy']}, and the account in ${currency}: ` +
        "ask the bank for amounts in the account's currency",
    )
  }
  const amount = minorOf(Amt['#text'], currency)
  if (amount === undefined)
    throw new UnreadableError(`${what} is ${JSON.stringify(Amt['#text'].slice(0, 40))}: no amount in ${currency}`)
  return CdtDbtInd === 'CRDT' ? amount : -amount
}

/** An xs:decimal as minor units; zeros beyond the currency's digits are none. */
export function minorOf(text: string, currency: CurrencyCode): bigint | undefined {
  const match = /^\+?([0-9]{1,18})(?:\.([0-9]{0,17}))?$/.exec(text.trim())
  if (!match) return undefined
  const exponent = exponentOf(currency)
  const fraction = (match[2] ?? '').replace(/0+$/, '')
  if (fraction.length > exponent) return undefined
  const minor = BigInt(`${match[1]}${fraction.padEnd(exponent, '0')}`)
  return minor <= MAX_SUM_MINOR ? minor : undefined
}

function currencyOf(code: string): CurrencyCode {
  const parsed = CurrencyCode.safeParse(code)
  if (parsed.success) return parsed.data
  throw new UnreadableError(`the account's currency ${JSON.stringify(code.slice(0, 10))} is no active ISO 4217 code`)
}

function digestOf(id: string): string {
  return createHash('sha256').update(id).digest('base64url')
}
