import type { StatementImportedV1, StatementLine } from '@micropay/schemas/log/statement-shapes'
import type { Entry, Statement } from './camt-document.ts'
import { clean } from './entry-line.ts'

type Head = Pick<StatementImportedV1, 'statementId' | 'currency' | 'from' | 'to' | 'opening' | 'closing'>
type Line = StatementImportedV1['lines'][number]

/**
 * A statement in the form that requests were hashed in before each transaction was kept: at most 8 references of a
 * line, texts cut to 140 characters, members in this order. It is never written: a retry of such a request is known by
 * it. It can go when the keys of those requests are no longer kept.
 */
export function firstFormOf(
  { Acct: { Id } }: Statement,
  { statementId, ...head }: Head,
  lines: readonly (readonly [Entry, StatementLine])[],
): Omit<StatementImportedV1, 'accountId'> {
  const iban = (cut(Id.IBAN ?? Id.Othr?.Id) ?? '').replaceAll(' ', '').slice(0, 40)
  return { statementId, iban, ...head, lines: lines.map(firstLineOf) }
}

function firstLineOf([entry, { amount, bookedOn, valueOn }]: readonly [Entry, StatementLine]): Line {
  const details = entry.NtryDtls.flatMap((each) => each.TxDtls)
  const references = details.flatMap(({ Refs, RmtInf }) => [
    Refs?.EndToEndId,
    ...(RmtInf?.Strd ?? []).map((each) => each.CdtrRefInf?.Ref),
    ...[Refs?.InstrId, Refs?.PmtInfId, Refs?.AcctSvcrRef],
  ])
  const named = [...references, entry.AcctSvcrRef, entry.NtryRef].flatMap((reference) => cut(reference) ?? [])
  const text = cut(details.flatMap(({ RmtInf }) => RmtInf?.Ustrd ?? []).join(' ')) ?? cut(entry.AddtlNtryInf)
  const parties = details.flatMap(({ RltdPties }) => (BigInt(amount) > 0n ? RltdPties?.Dbtr : RltdPties?.Cdtr) ?? [])
  const counterparty = cut(parties[0])
  return {
    ...{ amount, bookedOn },
    ...(valueOn === undefined ? {} : { valueOn }),
    references: [...new Set(named.filter((reference) => reference !== 'NOTPROVIDED'))].slice(0, 8),
    ...(text === undefined ? {} : { text }),
    ...(counterparty === undefined ? {} : { counterparty }),
  }
}

function cut(text: string | undefined): string | undefined {
  return clean(text)?.slice(0, 140).toWellFormed()
}
