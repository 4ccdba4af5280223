import { formatMinor } from '@micropay/schemas/money'

/**
 * One line of RFC 4180. Spreadsheets run cells that begin like a formula: a text that does gets an apostrophe first.
 */
export function csvLine(cells: readonly CsvCell[]): string {
  return `${cells.map(cellText).join(',')}\r\n`
}

/** Texts are guarded; `{ exact }` is a value of our own making, such as an amount, and stands as it is. */
export type CsvCell = string | null | { readonly exact: string }

/** A file's columns in their order: the name of each in the header, and its cell of a row. */
export type CsvColumns<Row> = Readonly<Record<string, (row: Row) => CsvCell>>

export function csvAmount(amountMinor: string, currency: string): CsvCell {
  return { exact: formatMinor(BigInt(amountMinor), currency) }
}

export function csvCount(count: number): CsvCell {
  return { exact: String(count) }
}

/** A spreadsheet may drop what is not seen, and take full-width signs for their narrow ones. */
const formulaStart = /^[\s\p{Cc}\p{Default_Ignorable_Code_Point}\p{Cf}]*[=+\-@\t\r\n|%＝＋－＠]/u
/** Where another locale's spreadsheet, too, would begin a new cell. */
const ending = /[",;\t\r\n]/

function cellText(cell: CsvCell): string {
  if (cell === null) return ''
  if (typeof cell !== 'string') return cell.exact
  const text = formulaStart.test(cell) ? `'${cell}` : cell
  return ending.test(text) || text !== text.trim() ? `"${text.replaceAll('"', '""')}"` : text
}
