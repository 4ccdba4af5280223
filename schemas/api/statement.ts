import { z } from 'zod'
import { AccountId } from '../identifiers.ts'
import { CurrencyCode, SignedMinor, SumMinor } from '../money.ts'
import { onePosition } from '../position.ts'
import { label } from '../text.ts'

/** So many lines of a statement are taken, and so many transactions in them. */
export const MAX_STATEMENT_LINES = 10_000
export const MAX_STATEMENT_BYTES = 8 * 1024 * 1024
/** What a bank calls an account takes at most so many characters, without spaces. */
export const MAX_ACCOUNT_NUMBER = 40

const day = z.iso.date()

const references = z.array(z.string())
const said = { text: z.string().optional(), counterparty: z.string().optional() }
const referenceKinds = z
  .object({
    parties: references.meta({ description: "End-to-end references and the creditor's." }),
    bank: references.meta({ description: "The bank's own." }),
    position: references.meta({ description: 'Numbers of a place in the file.' }),
  })
  .meta({ id: 'ReferenceKinds' })

/**
 * One booked line of a bank's statement. `amount` is the bank's view of our account: a credit, money that came in, is
 * positive. `references` are all that it names, each once; `batch` is how many transactions it stands for, null for one
 * or where nobody said.
 */
export const StatementLine = z
  .object({
    amount: SignedMinor,
    bookedOn: day,
    valueOn: day.optional(),
    references,
    ...said,
    batch: z.int().nullable(),
    referenceKinds,
    details: z
      .array(z.object({ amount: SignedMinor.nullable(), referenceKinds, ...said }))
      .meta({ description: 'Its transactions; `amount` is null where the bank tells none in the currency.' }),
  })
  .meta({ id: 'StatementLine' })
export type StatementLine = z.infer<typeof StatementLine>

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
    sha256: z.string().nullable().meta({ description: 'Of the file that was sent, in hex.' }),
    decidedAt: z.iso.datetime(),
  })
  .meta({ id: 'StatementAccepted' })
export type StatementAccepted = z.infer<typeof StatementAccepted>

/**
 * POST /v1/statements/:statementId/withdraw: the statement counts no more, and what it held is free, so that its file
 * can be imported where it belongs.
 */
export const WithdrawStatement = z
  .strictObject({
    account: AccountId,
    position: onePosition.meta({
      description: 'Where it was imported, such as 0:1842: several statements of an account may have one id.',
    }),
    reason: label(500),
    dryRun: z.boolean().optional(),
  })
  .meta({ id: 'WithdrawStatement' })
export type WithdrawStatement = z.infer<typeof WithdrawStatement>

/** What a withdrawal answers. */
export const StatementWithdrawalDecided = z
  .object({
    accountId: AccountId,
    statementId: z.string(),
    position: onePosition.meta({ description: 'Where it was imported.' }),
    decidedAt: z.iso.datetime(),
  })
  .meta({ id: 'StatementWithdrawalDecided' })
export type StatementWithdrawalDecided = z.infer<typeof StatementWithdrawalDecided>

export type StatementSums = { readonly credits: bigint; readonly debits: bigint; readonly difference: bigint }

type Summed = {
  readonly opening: string
  readonly closing: string
  readonly lines: readonly { readonly amount: string }[]
}

/** Adds a statement up; `difference` is what is missing to the closing balance, 0 when it adds up. */
export function sumsOf(statement: Summed): StatementSums {
  let credits = 0n
  let debits = 0n
  for (const line of statement.lines) {
    const amount = BigInt(line.amount)
    if (amount > 0n) credits += amount
    else debits -= amount
  }
  return { credits, debits, difference: BigInt(statement.closing) - (BigInt(statement.opening) + credits - debits) }
}
