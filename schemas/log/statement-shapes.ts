import { z } from 'zod'
import {
  StoredAccountId,
  StoredCurrency,
  StoredDay,
  StoredOwnerId,
  StoredPosition,
  StoredSum,
  StoredText,
} from './stored-fields.ts'

/** `parties`: end-to-end and creditor's; `bank`: the bank's own; `position`: a place in the file. */
const references = z.object({
  parties: z.array(StoredText).optional(),
  bank: z.array(StoredText).optional(),
  position: z.array(StoredText).optional(),
})
const texts = { references, text: StoredText.optional(), counterparty: StoredText.optional() }

/** One booked line; a credit, money that came in, is positive. `batch`: of how many transactions, where it says so. */
const movement = z.object({
  amount: StoredSum,
  bookedOn: StoredDay,
  valueOn: StoredDay.optional(),
  batch: z.int().optional(),
  details: z.array(z.object({ amount: StoredSum.optional() })).optional(),
})
/** What a line and its details say, in the same order and apart from their amounts. */
const lineTexts = z.object({ ...texts, details: z.array(z.object(texts)).optional() })

function personal<Data extends z.ZodType>(data: Data) {
  return z.object({ subject: StoredOwnerId.optional(), form: z.literal('plain'), data })
}

/**
 * The data of `StatementImported`: a bank's statement that adds up, and the account of ours that it is of. Where it is
 * of several `parts`, `lines` are those of the last one, the others stand in the `StatementPart` events of the same
 * `importId`, and `content` is a digest of what all of them move. `sha256` is of the file, in hex; it is absent in what
 * version 1 said.
 */
export const ImportedStatement = z.object({
  accountId: StoredAccountId,
  statementId: StoredText,
  sha256: z.string().optional(),
  currency: StoredCurrency,
  from: StoredDay,
  to: StoredDay,
  opening: StoredSum,
  closing: StoredSum,
  parts: z.int().min(1),
  importId: z.string().optional(),
  content: z.string().optional(),
  lineCount: z.int().min(0),
  lines: z.array(movement),
  personal: personal(z.object({ iban: StoredText, lines: z.array(lineTexts) })),
})
export type ImportedStatement = z.infer<typeof ImportedStatement>

/** The data of `StatementPart`: lines of a statement that does not fit into one record. */
export const StatementPart = z.object({
  accountId: StoredAccountId,
  statementId: StoredText,
  importId: z.string(),
  part: z.int().min(1),
  of: z.int().min(2),
  lines: z.array(movement),
  personal: personal(z.object({ lines: z.array(lineTexts) })),
})
export type StatementPart = z.infer<typeof StatementPart>

/**
 * The data of `StatementWithdrawn`: the statement that was imported at `position` counts no more. An id alone may be
 * that of several of the account.
 */
export const StatementWithdrawn = z.object({
  accountId: StoredAccountId,
  statementId: StoredText,
  position: StoredPosition,
  personal: personal(z.object({ reason: StoredText })).optional(),
})

/** The data of `StatementImported` in version 1. */
export const StatementImportedV1 = z.object({
  accountId: StoredAccountId,
  statementId: StoredText,
  iban: StoredText,
  currency: StoredCurrency,
  from: StoredDay,
  to: StoredDay,
  opening: StoredSum,
  closing: StoredSum,
  lines: z.array(
    z.object({
      amount: StoredSum,
      bookedOn: StoredDay,
      valueOn: StoredDay.optional(),
      references: z.array(StoredText),
      text: StoredText.optional(),
      counterparty: StoredText.optional(),
    }),
  ),
})
export type StatementImportedV1 = z.infer<typeof StatementImportedV1>

type Texts = z.infer<typeof lineTexts>
type Movement = z.infer<typeof movement>
export type StatementReferences = z.infer<typeof references>
/** One of the transactions of a line, a TxDtls. */
export type StatementDetail = Omit<Texts, 'details'> & { readonly amount?: string | undefined }
/** A line whole, as it is worked with. */
export type StatementLine = Omit<Movement, 'details'> &
  Omit<Texts, 'details'> & { readonly details?: readonly StatementDetail[] | undefined }

type Apart = { readonly lines: readonly Movement[]; readonly personal: { readonly data: { readonly lines: Texts[] } } }

/** The lines of an event with what they say. */
export function statementLines({ lines, personal: { data } }: Apart): StatementLine[] {
  return lines.map(({ details, ...movement }, index) => {
    const { details: said, ...own } = data.lines[index] ?? { references: {} }
    if (!details) return { ...movement, ...own }
    const whole = details.map((detail, place) => ({ ...detail, ...(said?.[place] ?? { references: {} }) }))
    return { ...movement, ...own, details: whole }
  })
}

/** Lines as an event has them: what moves, and what is said of it. */
export function linesApart(lines: readonly StatementLine[]): { readonly lines: Movement[]; readonly said: Texts[] } {
  return {
    lines: lines.map(({ references: _, text: _text, counterparty: _counterparty, details, ...movement }) => ({
      ...movement,
      ...(details ? { details: details.map(({ amount }) => (amount === undefined ? {} : { amount })) } : {}),
    })),
    said: lines.map(({ references, text, counterparty, details }) => ({
      ...saidOf({ references, text, counterparty }),
      ...(details ? { details: details.map(saidOf) } : {}),
    })),
  }
}

function saidOf({ references, text, counterparty }: StatementDetail): Texts {
  return {
    references,
    ...(text === undefined ? {} : { text }),
    ...(counterparty === undefined ? {} : { counterparty }),
  }
}

/** Version 1 told kinds of references apart as little as the transactions of a line: all of them could be a payer's. */
export function statementFromV1({ iban, lines, ...head }: StatementImportedV1): ImportedStatement {
  const whole = lines.map(({ references, ...line }) => ({
    ...line,
    references: references.length > 0 ? { parties: references } : {},
  }))
  const apart = linesApart(whole)
  return {
    ...head,
    parts: 1,
    lineCount: lines.length,
    lines: apart.lines,
    personal: { form: 'plain', data: { iban, lines: apart.said } },
  }
}

/** Undefined for what version 1 cannot say: a file's digest, parts, transactions, and the kinds of references. */
export function statementToV1(statement: ImportedStatement): StatementImportedV1 | undefined {
  const { sha256, importId, content, parts, lineCount, lines: _, personal, ...head } = statement
  const whole = statementLines(statement)
  const isPlain = whole.every(
    ({ batch, details, references: { bank, position, parties } }) =>
      batch === undefined && !details && !bank && !position && parties?.length !== 0,
  )
  if (sha256 !== undefined || importId !== undefined || content !== undefined || parts !== 1 || !isPlain)
    return undefined
  if (personal.subject !== undefined || lineCount !== whole.length) return undefined
  const lines = whole.map(({ references, amount, bookedOn, valueOn, text, counterparty }) => ({
    ...{ amount, bookedOn },
    ...(valueOn === undefined ? {} : { valueOn }),
    references: references.parties ?? [],
    ...(text === undefined ? {} : { text }),
    ...(counterparty === undefined ? {} : { counterparty }),
  }))
  const { accountId, statementId, currency, from, to, opening, closing } = head
  return { accountId, statementId, iban: personal.data.iban, currency, from, to, opening, closing, lines }
}
