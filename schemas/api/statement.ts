import { z } from 'zod'
import { AccountId } from '../identifiers.ts'
import { CurrencyCode, SignedMinor, SumMinor } from '../money.ts'

/** So many lines of a statement are taken: the import is one record of the log. */
export const MAX_STATEMENT_LINES = 2_000
export const MAX_STATEMENT_BYTES = 8 * 1024 * 1024
/** What a bank calls an account takes at most so many characters, without spaces. */
export const MAX_ACCOUNT_NUMBER = 40

const day = z.iso.date()
const short = z.string().min(1).max(140)

/**
 * One booked line of a bank's statement. `amount` is the bank's view of our account: a credit, money that came in, is
 * positive.
 */
export const StatementLine = z
  .object({
    amount: SignedMinor,
    bookedOn: day,
    valueOn: day.optional(),
    references: z.array(short).max(8),
    text: short.optional(),
    counterparty: short.optional(),
  })
  .meta({ id: 'StatementLine' })
export type StatementLine = z.infer<typeof StatementLine>

/** A statement that adds up: `opening` and the lines give `closing`, in minor units of `currency`. */
export const BankStatement = z
  .object({
    statementId: z.string().min(1).max(64),
    iban: z
      .string()
      .min(1)
      .max(MAX_ACCOUNT_NUMBER)
      .meta({ description: "The bank's own number of the account, an IBAN or another one." }),
    currency: CurrencyCode,
    from: day,
    to: day,
    opening: SignedMinor,
    closing: SignedMinor,
    lines: z.array(StatementLine).max(MAX_STATEMENT_LINES),
  })
  .meta({ id: 'BankStatement' })
export type BankStatement = z.infer<typeof BankStatement>

/** What an import answers: the sums that were checked. `credits` and `debits` are both positive. */
export const StatementAccepted = z
  .object({
    accountId: AccountId,
    statementId: z.string(),
    iban: z.string(),
    currency: CurrencyCode,
    from: day,
    to: day,
    opening: SignedMinor,
    credits: SumMinor,
    debits: SumMinor,
    closing: SignedMinor,
    lines: z.int(),
    decidedAt: z.iso.datetime(),
  })
  .meta({ id: 'StatementAccepted' })
export type StatementAccepted = z.infer<typeof StatementAccepted>

export type StatementSums = { readonly credits: bigint; readonly debits: bigint; readonly difference: bigint }

/** Adds a statement up; `difference` is what is missing to the closing balance, 0 when it adds up. */
export function sumsOf(statement: Pick<BankStatement, 'opening' | 'closing' | 'lines'>): StatementSums {
  let credits = 0n
  let debits = 0n
  for (const line of statement.lines) {
    const amount = BigInt(line.amount)
    if (amount > 0n) credits += amount
    else debits -= amount
  }
  return { credits, debits, difference: BigInt(statement.closing) - (BigInt(statement.opening) + credits - debits) }
}
