import type { StatementLine as ShownLine } from '@micropay/schemas/api/statement'
import type { StatementDetail, StatementLine, StatementReferences } from '@micropay/schemas/log/statement-shapes'
import type { MatchLine } from './match.ts'

/** A line as it is compared: its transactions, too, where there are several and their amounts add up to it. */
export function matchLineOf(line: StatementLine): MatchLine {
  const { amount, bookedOn, valueOn } = line
  const said = saidIn(line)
  return {
    amount: BigInt(amount),
    days: valueOn === undefined ? [bookedOn] : [bookedOn, valueOn],
    references: said.flatMap(({ references }) => references.parties ?? []),
    bankReferences: said.flatMap(({ references }) => references.bank ?? []),
    text: textOf(line),
    isBatch: batchOf(line) !== null,
    details: addingUp(line).map(({ amount: part = '0', references, text }) => ({
      amount: BigInt(part),
      references: references.parties ?? [],
      bankReferences: references.bank ?? [],
      text,
    })),
  }
}

/** How many transactions a line stands for; null for one, or where nobody said. */
export function batchOf({ batch, details = [] }: StatementLine): number | null {
  const count = Math.max(batch ?? 0, details.length)
  return count > 1 ? count : null
}

export function shownLine(line: StatementLine): ShownLine {
  const { amount, bookedOn, valueOn, details = [] } = line
  const said = saidIn(line)
  const kinds = kindsOf(said.map(({ references }) => references))
  const [text, counterparty] = [textOf(line), said.find((each) => each.counterparty !== undefined)?.counterparty]
  return {
    ...{ amount, bookedOn },
    ...(valueOn === undefined ? {} : { valueOn }),
    references: [...new Set([...kinds.parties, ...kinds.bank, ...kinds.position])],
    ...saying(text, counterparty),
    batch: batchOf(line),
    referenceKinds: kinds,
    details: details.map((detail) => ({
      amount: detail.amount ?? null,
      referenceKinds: kindsOf([detail.references]),
      ...saying(detail.text, detail.counterparty),
    })),
  }
}

/** The line itself and then its transactions. */
function saidIn(line: StatementLine): readonly Pick<StatementDetail, 'references' | 'counterparty'>[] {
  return [line, ...(line.details ?? [])]
}

/** What its transactions say, else what the bank says of the line. */
function textOf({ text, details = [] }: StatementLine): string | undefined {
  const told = details.flatMap((detail) => detail.text ?? [])
  return told.length > 0 ? told.join(' ') : text
}

function addingUp({ amount, details = [] }: StatementLine): readonly StatementDetail[] {
  if (details.length < 2 || details.some((detail) => detail.amount === undefined)) return []
  const sum = details.reduce((total, detail) => total + BigInt(detail.amount ?? 0), 0n)
  return sum === BigInt(amount) ? details : []
}

function kindsOf(given: readonly StatementReferences[]): ShownLine['referenceKinds'] {
  const of = (kind: keyof StatementReferences) => [...new Set(given.flatMap((each) => each[kind] ?? []))]
  return { parties: of('parties'), bank: of('bank'), position: of('position') }
}

function saying(text: string | undefined, counterparty: string | undefined) {
  return { ...(text === undefined ? {} : { text }), ...(counterparty === undefined ? {} : { counterparty }) }
}
