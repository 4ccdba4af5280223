import { UnreadableError } from './unreadable-error.ts'

/** What helps where a file is not what its bank made. */
export const asTheBank = 'send the whole file, as the bank made it'

const packed: readonly (readonly [string, readonly number[]])[] = [
  ['a gzip', [0x1f, 0x8b]],
  ['a ZIP', [0x50, 0x4b, 0x03, 0x04]],
  ['a PDF', [0x25, 0x50, 0x44, 0x46]],
]

/**
 * Text in the encoding that its first bytes show (XML, appendix F), else in the one that the XML declaration names,
 * UTF-8 without one. Throws UnreadableError for bytes that are none, and for characters that XML has not (2.2).
 */
export function textOf(bytes: Uint8Array): string {
  const other = packed.find(([, magic]) => magic.every((byte, index) => bytes[index] === byte))
  if (other) throw new UnreadableError(`the file is ${other[0]} file: unpack it, and send the camt.053 in it`)
  const named = encodingOf(bytes)
  const text = decodedAs(named, bytes)
  const strange = notOfXml.exec(text)?.[0]
  if (strange === undefined) return text
  const code = strange.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')
  throw new UnreadableError(`the file holds the character U+${code}, which is none of XML: ${asTheBank}`)
}

function decodedAs(encoding: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes)
  } catch {
    throw new UnreadableError(`the file is not text in ${encoding}, as it says: ${asTheBank}`)
  }
}

function encodingOf(bytes: Uint8Array): string {
  const [first, second] = bytes
  if ((first === 0xff && second === 0xfe) || (first === 0x3c && second === 0)) return 'utf-16le'
  if ((first === 0xfe && second === 0xff) || (first === 0 && second === 0x3c)) return 'utf-16be'
  const head = new TextDecoder('latin1').decode(bytes.subarray(0, 200))
  return /^<\?xml[^>]*encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']/.exec(head)?.[1] ?? 'utf-8'
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: those are looked for
const notOfXml = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/

/** The same with what stands in CDATA as text, so that an ampersand is one there, too. Comments stay as they are. */
export function withoutCdata(xml: string): string {
  return xml.replace(/<!--[\s\S]*?-->|<!\[CDATA\[([\s\S]*?)\]\]>/g, (whole, text: string | undefined) =>
    text === undefined ? whole : text.replace(/[&<>]/g, (character) => written[character] ?? character),
  )
}

const written: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }
const predefined: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/**
 * The text that is meant, since the parser leaves entities alone. Without a DOCTYPE there are the five of XML, and
 * numbered characters: what else is written so is refused, or the ledger would keep something in its place for ever.
 */
export function decoded(text: string): string {
  const plain = text.replace(/&(?:#([0-9]+)|#x([0-9a-fA-F]+)|([^;&]*));/g, (whole, decimal, hex, name) => {
    const code = name === undefined ? Number.parseInt(decimal ?? hex, decimal === undefined ? 16 : 10) : undefined
    const character = code === undefined ? predefined[name] : numbered(code)
    if (character !== undefined) return character
    throw new UnreadableError(`the file holds ${whole.slice(0, 40)}, which names no character in XML: ${asTheBank}`)
  })
  if (plain.isWellFormed()) return plain
  throw new UnreadableError(`a text of the file holds half of a character: ${asTheBank}`)
}

/** Half of a character is completed by the other half behind it. */
function numbered(code: number): string | undefined {
  const character = code <= 0x10ffff ? String.fromCodePoint(code) : undefined
  return character === undefined || notOfXml.test(character) ? undefined : character
}
