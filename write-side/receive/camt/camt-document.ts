import { XMLParser, XMLValidator } from 'fast-xml-parser'
import { z } from 'zod'
import { UnreadableError } from './unreadable-error.ts'

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
  const document = Message.safeParse(parse(xml))
  if (!document.success) throw new UnreadableError(notCamt053(xml))
  const { '@xmlns': namespace = '', BkToCstmrStmt: message } = document.data.Document
  if (namespace !== '' && !/camt\.053\.001\.\d\d$/.test(namespace)) throw new UnreadableError(notCamt053(xml))
  return message.Stmt
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

const asTheBank = 'send the whole file, as the bank made it'

const packed: readonly (readonly [string, readonly number[]])[] = [
  ['a gzip', [0x1f, 0x8b]],
  ['a ZIP', [0x50, 0x4b, 0x03, 0x04]],
  ['a PDF', [0x25, 0x50, 0x44, 0x46]],
]

/**
 * Text in the encoding that its first bytes show (XML, appendix F), else in the one that the XML declaration names,
 * UTF-8 without one.
 */
function textOf(bytes: Uint8Array): string {
  const other = packed.find(([, magic]) => magic.every((byte, index) => bytes[index] === byte))
  if (other) throw new UnreadableError(`the file is ${other[0]} file: unpack it, and send the camt.053 in it`)
  const named = encodingOf(bytes)
  try {
    return new TextDecoder(named, { fatal: true }).decode(bytes)
  } catch {
    throw new UnreadableError(`the file is not text in ${named}, as it says: ${asTheBank}`)
  }
}

function encodingOf(bytes: Uint8Array): string {
  const [first, second] = bytes
  if ((first === 0xff && second === 0xfe) || (first === 0x3c && second === 0)) return 'utf-16le'
  if ((first === 0xfe && second === 0xff) || (first === 0 && second === 0x3c)) return 'utf-16be'
  const head = new TextDecoder('latin1').decode(bytes.subarray(0, 200))
  return /^<\?xml[^>]*encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']/.exec(head)?.[1] ?? 'utf-8'
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

const predefined: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/** The parser leaves entities alone; the five of XML and numbered characters are all that a statement can have. */
function decoded(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,4}));/gi, (whole, decimal, hex, name) => {
    if (name !== undefined) return predefined[name] ?? whole
    const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal)
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole
  })
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
  Document: z.object({
    '@xmlns': z.string().optional(),
    BkToCstmrStmt: z.object({ Stmt: z.array(z.unknown()) }),
  }),
})
