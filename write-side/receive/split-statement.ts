import { createHash } from 'node:crypto'
import type { Caller } from '@micropay/schemas/api/token'
import type { AccountId } from '@micropay/schemas/identifiers'
import { MAX_RECORD_BYTES } from '@micropay/schemas/log/ledger-record'
import {
  type ImportedStatement,
  linesApart,
  type StatementLine,
  type StatementPart,
} from '@micropay/schemas/log/statement-shapes'
import { contentOf, contentOfLines } from '../decide/statement-content.ts'
import type { BankStatement } from './camt/parse-statement.ts'

/** What lines may take of a record, whose other members take far less than the rest. */
const MOST_LINE_BYTES = MAX_RECORD_BYTES - 64 * 1024

export type SplitStatement = {
  /** All of it, as one record would have it. */
  readonly whole: ImportedStatement
  /** None where it fits into one record. */
  readonly parts: readonly StatementPart[]
  /** What comes behind the parts, and makes the statement be. */
  readonly last: ImportedStatement
}

/** A statement as the records that it takes, always the same for the same file and key. */
export function splitStatement(statement: BankStatement, accountId: AccountId, importId: string): SplitStatement {
  const { iban, lines, firstForm: _, ...head } = statement
  const imported = (held: readonly StatementLine[], parts: number): ImportedStatement => {
    const apart = linesApart(held)
    const said = { iban, lines: apart.said }
    const common = { accountId, ...head, parts, lineCount: lines.length, lines: apart.lines }
    return { ...common, personal: { form: 'plain', data: said } }
  }
  const groups = grouped(lines)
  const lastLines = groups.pop() ?? []
  const whole = imported(lines, 1)
  if (groups.length === 0) return { whole, parts: [], last: whole }
  const of = groups.length + 1
  const parts = groups.map((held, index): StatementPart => {
    const apart = linesApart(held)
    const place = { accountId, statementId: head.statementId, importId, part: index + 1, of }
    return { ...place, lines: apart.lines, personal: { form: 'plain', data: { lines: apart.said } } }
  })
  const content = contentOf(head, contentOfLines(lines))
  return { whole, parts, last: { ...imported(lastLines, of), importId, content } }
}

/** The same for the same key of the same caller and the same file: so a retry goes on where the first attempt ended. */
export function importIdFor(caller: Caller, idempotencyKey: string, sha256: string): string {
  const given = [caller.tenant, caller.client, caller.subject, idempotencyKey, sha256]
  return createHash('sha256').update(given.join('\n')).digest('base64url').slice(0, 22)
}

function grouped(lines: readonly StatementLine[]): (readonly StatementLine[])[] {
  const groups: StatementLine[][] = []
  let group: StatementLine[] = []
  let bytes = 0
  for (const line of lines) {
    const size = Buffer.byteLength(JSON.stringify(linesApart([line])))
    if (bytes + size > MOST_LINE_BYTES && group.length > 0) {
      groups.push(group)
      group = []
      bytes = 0
    }
    group.push(line)
    bytes += size
  }
  return [...groups, group]
}
