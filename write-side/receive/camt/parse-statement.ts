import { createHash } from 'node:crypto'
import { requestWords } from '@micropay/schemas/api/request-words'
import { MAX_ACCOUNT_NUMBER, MAX_STATEMENT_LINES, type StatementSums, sumsOf } from '@micropay/schemas/api/statement'
import { normalIban, wrongWithIban } from '@micropay/schemas/iban'
import type { StatementImportedV1, StatementLine } from '@micropay/schemas/log/statement-shapes'
import { CurrencyCode } from '@micropay/schemas/money'
import { type Entry, Statement, statementsIn } from './camt-document.ts'
import { clean, lineOf } from './entry-line.ts'
import { firstFormOf } from './first-form.ts'
import { MAX_SUM_MINOR, signedMinor } from './minor.ts'
import { UnreadableError } from './unreadable-error.ts'

/** A statement as its file tells of it; amounts are minor units of `currency`, `sha256` is of the file, in hex. */
export type BankStatement = {
  readonly statementId: string
  readonly sha256: string
  readonly iban: string
  readonly currency: CurrencyCode
  readonly from: string
  readonly to: string
  readonly opening: string
  readonly closing: string
  readonly lines: readonly StatementLine[]
  /** What earlier code made of the same file: a retry of one of its requests is known by that. */
  readonly firstForm: Omit<StatementImportedV1, 'accountId'>
}

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
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    const found = statementsIn(bytes).map((tree) => statementOf(tree, sha256))
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

function statementOf(tree: unknown, sha256: string): BankStatement {
  const parsed = Statement.safeParse(tree)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw new UnreadableError(
      `Stmt/${issue?.path.join('/') ?? ''} ${issue ? requestWords(issue.message) : 'is not as it should be'}: ` +
        'ask the bank for a complete camt.053',
    )
  }
  const statement = parsed.data
  const iban = accountNumberOf(statement)
  const opening = balanceOf(statement, ['OPBD', 'PRCD'])
  const closing = balanceOf(statement, ['CLBD'])
  const currency = currencyOf(statement.Acct.Ccy ?? closing.Amt['@Ccy'])
  const booked = bookedOf(statement)
  const told = booked.map((entry, index) => [entry, lineOf(entry, index + 1, currency, closing.Dt)] as const)
  const lines = told.map(([, line]) => line)
  const stated = statement.FrToDt ? [statement.FrToDt.from, statement.FrToDt.to] : []
  const days = [...lines.map((line) => line.bookedOn), closing.Dt, ...stated].sort()
  const head = {
    currency,
    from: days[0] ?? closing.Dt,
    to: days.at(-1) ?? closing.Dt,
    opening: signedMinor(opening, currency, 'the opening balance').toString(),
    closing: signedMinor(closing, currency, 'the closing balance').toString(),
  }
  if (statement.Id === '.' || statement.Id === '..') {
    // URLs drop such a segment: nobody could look at the statement, or withdraw it.
    throw new UnreadableError(`Stmt/Id is ${statement.Id}, which names no statement: ask the bank for one with an id`)
  }
  const statementId = clean(statement.Id)?.slice(0, 64) === statement.Id ? statement.Id : digestOf(statement.Id)
  return {
    statementId,
    sha256,
    iban,
    ...head,
    lines,
    firstForm: firstFormOf(statement, { statementId, ...head }, told),
  }
}

/** What is pending or for information alone is not in the balance either. */
function bookedOf(statement: Statement): Entry[] {
  const booked = statement.Ntry.filter((entry) => entry.Sts === undefined || entry.Sts === 'BOOK')
  const transactions = booked.flatMap((entry) => entry.NtryDtls.flatMap((each) => each.TxDtls)).length
  for (const [count, what] of [
    [booked.length, 'lines'],
    [transactions, 'transactions in its lines'],
  ] as const) {
    if (count <= MAX_STATEMENT_LINES) continue
    throw new UnreadableError(
      `the statement has ${count} ${what}, and at most ${MAX_STATEMENT_LINES} are taken: ` +
        'ask the bank for a statement a day',
    )
  }
  return booked
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

function currencyOf(code: string): CurrencyCode {
  const parsed = CurrencyCode.safeParse(code)
  if (parsed.success) return parsed.data
  throw new UnreadableError(`the account's currency ${JSON.stringify(code.slice(0, 10))} is no active ISO 4217 code`)
}

function digestOf(id: string): string {
  return createHash('sha256').update(id).digest('base64url')
}
