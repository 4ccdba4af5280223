import { XMLParser, XMLValidator } from 'fast-xml-parser'
import { z } from 'zod'
import { UnreadableError } from './unreadable-error.ts'
import { asTheBank, decoded, textOf, withoutCdata } from './xml-text.ts'

/**
 * The trees of the statements in a camt.053 message. Throws UnreadableError for what is no such message, or might harm.
 */
export function statementsIn(bytes: Uint8Array): unknown[] {
  const xml = textOf(bytes)
  if (/<!(?:DOCTYPE|ENTITY)/i.test(xml)) {
    throw new UnreadableError('the file declares a DOCTYPE, which no statement needs and none may: send it without')
  }
  const valid = XMLValidator.validate(xml)
  if (valid !== true) throw new UnreadableError(notWellFormed(valid.err))
  const document = Message.safeParse(parse(withoutCdata(xml)))
  if (!document.success) throw new UnreadableError(notCamt053(xml))
  const namespace = namespaceOf(xml)
  if (namespace && !/camt\.053\.001\.\d\d$/.test(namespace)) throw new UnreadableError(notCamt053(namespace))
  return document.data.Document.BkToCstmrStmt.Stmt
}

/** What the tags of the message are called in; undefined where it does not say. The parser leaves it out. */
function namespaceOf(xml: string): string | undefined {
  const [, prefix, attributes = ''] = /<(?:([\w.-]+):)?Document\b([^>]*)>/.exec(xml) ?? []
  const declared = [...attributes.matchAll(/\sxmlns(?::([\w.-]+))?\s*=\s*(?:"([^"]*)"|'([^']*)')/g)]
  const own = declared.find(([, name]) => name === prefix)
  return own?.[2] ?? own?.[3]
}

/**
 * The validator names what is not closed as a list of tags, and has only a character to say of what is no XML at all.
 */
function notWellFormed({ line, msg }: { readonly line: number; readonly msg: string }): string {
  if (/Start tag expected|^char '.*' is not expected/.test(msg)) return `line ${line}: the file is no XML: ${asTheBank}`
  const open = /^Invalid '\[([\s\S]*)\]' found/.exec(msg)?.[1]
  if (open === undefined) return `line ${line}: not well-formed XML: ${msg.slice(0, 200)} ${asTheBank}`
  return `the file breaks off within ${open.replaceAll(/["\s]/g, '').replaceAll(',', '/').slice(0, 200)}: ${asTheBank}`
}

function notCamt053(xml: string): string {
  const named = /urn:iso:std:iso:20022:tech:xsd:([a-z]{4}\.\d{3})\.\d{3}\.\d{2}/.exec(xml.slice(0, 2_000))?.[1]
  const what = named === undefined || named === 'camt.053' ? 'Document/BkToCstmrStmt is missing' : `it is a ${named}`
  return `the file is no camt.053 message, ${what}: ask the bank for the statement of a day as camt.053`
}

const repeated = new Set(['Stmt', 'Bal', 'Ntry', 'NtryDtls', 'TxDtls', 'Ustrd', 'Strd'])
const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  ignoreDeclaration: true,
  removeNSPrefix: true,
  parseTagValue: false,
  parseAttributeValue: false,
  processEntities: false,
  isArray: (name) => repeated.has(name),
})

function parse(xml: string): unknown {
  try {
    return parser.parse(xml)
  } catch (cause) {
    throw new UnreadableError(
      `the XML cannot be read, ${cause instanceof Error ? cause.message.slice(0, 200) : ''}: ${asTheBank}`,
    )
  }
}

const text = z
  .union([z.string(), z.object({ '#text': z.string() }).transform((node) => node['#text'])], { error: 'is missing' })
  .transform(decoded)
/** What may be left out, and counts as left out when it is empty or of another shape. */
const optional = text.optional().catch(undefined)
const list = <Item extends z.ZodType>(item: Item) =>
  z.array(item.or(z.literal('').transform(() => undefined))).default([])
const compact = <Item>(items: readonly (Item | undefined)[]): Item[] => items.filter((item) => item !== undefined)

const amount = z.object({ '#text': z.string(), '@Ccy': z.string() }, { error: 'is not an amount with a currency' })
const direction = z.enum(['CRDT', 'DBIT'], { error: 'is neither CRDT nor DBIT' })

function isPlausible(date: string): boolean {
  return date >= '1900-01-01' && date < '2200-01-01'
}

/** A date, of a moment the day that it names. */
const day = z
  .object({ Dt: z.string().optional(), DtTm: z.string().optional() }, { error: 'is missing' })
  .transform(({ Dt, DtTm }) => (Dt ?? DtTm ?? '').slice(0, 10))
  .pipe(z.iso.date({ error: 'is no date' }))
  .refine(isPlausible, { error: 'does not lie in the years 1900 to 2199' })

const code = z.object({ CdOrPrtry: z.object({ Cd: text.optional(), Prtry: text.optional() }) })
const balance = z.object({
  Tp: code.transform(({ CdOrPrtry }) => CdOrPrtry.Cd ?? CdOrPrtry.Prtry ?? ''),
  Amt: amount,
  CdtDbtInd: direction,
  Dt: day,
})

/** Older versions name a party, newer ones nest it. */
const party = z
  .object({ Nm: optional, Pty: z.object({ Nm: optional }).optional().catch(undefined) })
  .transform(({ Nm, Pty }) => Nm ?? Pty?.Nm)
  .optional()
  .catch(undefined)

/** What stands once or several times, as a list. */
const many = <Item extends z.ZodType>(item: Item) =>
  z
    .union([z.array(item), item.transform((one) => [one])])
    .optional()
    .catch(undefined)

const references = z
  .object({
    ...{ EndToEndId: optional, InstrId: optional, PmtInfId: optional, MndtId: optional, ChqNb: optional },
    ...{ AcctOwnrTxId: optional, MsgId: optional, AcctSvcrRef: optional, TxId: optional, ClrSysRef: optional },
    ...{ UETR: optional, AcctSvcrTxId: optional, MktInfrstrctrTxId: optional, PrcgId: optional },
    Prtry: many(z.object({ Ref: optional })),
  })
  .optional()
  .catch(undefined)

const details = z.object({
  Refs: references,
  Amt: amount.optional().catch(undefined),
  CdtDbtInd: direction.optional().catch(undefined),
  AmtDtls: z
    .object({ TxAmt: z.object({ Amt: amount }) })
    .optional()
    .catch(undefined),
  RltdPties: z.object({ Dbtr: party, Cdtr: party }).optional().catch(undefined),
  RmtInf: z
    .object({
      Ustrd: list(text).transform(compact),
      Strd: list(
        z.object({
          CdtrRefInf: z.object({ Ref: optional }).optional().catch(undefined),
          RfrdDocInf: many(z.object({ Nb: optional })),
        }),
      ).transform(compact),
    })
    .optional()
    .catch(undefined),
  AddtlTxInf: optional,
})
export type Details = z.infer<typeof details>

/** What a line says of its transactions as a whole. */
const batch = z.object({ MsgId: optional, PmtInfId: optional, NbOfTxs: optional }).optional().catch(undefined)

export const Entry = z.object({
  NtryRef: optional,
  Amt: amount,
  CdtDbtInd: direction,
  /** A code alone in version 02, in an element of its own later. */
  Sts: z.union([text, z.object({ Cd: text }).transform(({ Cd }) => Cd)]).optional(),
  BookgDt: day.optional(),
  ValDt: day.optional(),
  AcctSvcrRef: optional,
  AddtlNtryInf: optional,
  NtryDtls: list(z.object({ Btch: batch, TxDtls: list(details).transform(compact) })).transform(compact),
})
export type Entry = z.infer<typeof Entry>

const periodDay = text
  .transform((moment) => moment.slice(0, 10))
  .pipe(z.iso.date())
  .refine(isPlausible)
export const Statement = z.object({
  Id: text,
  FrToDt: z
    .object({ FrDtTm: periodDay, ToDtTm: periodDay })
    .transform(({ FrDtTm, ToDtTm }) => ({ from: FrDtTm, to: ToDtTm }))
    .optional()
    .catch(undefined),
  Acct: z.object({
    Id: z.object({ IBAN: optional, Othr: z.object({ Id: text }).optional().catch(undefined) }),
    Ccy: optional,
  }),
  Bal: z.array(balance, { error: 'is missing' }),
  Ntry: z.array(Entry).default([]),
})
export type Statement = z.infer<typeof Statement>

const Message = z.object({
  Document: z.object({ BkToCstmrStmt: z.object({ Stmt: z.array(z.unknown()) }) }),
})
