import type { StatementDetail, StatementLine, StatementReferences } from '@micropay/schemas/log/statement-shapes'
import type { CurrencyCode } from '@micropay/schemas/money'
import { withoutHiding } from '@micropay/schemas/text'
import type { Details, Entry } from './camt-document.ts'
import { minorOf, signedMinor } from './minor.ts'
import { UnreadableError } from './unreadable-error.ts'

/** A text takes at most so many characters: what is longer is refused, never cut. */
const MOST_CHARACTERS = 2_000

/** One booked line, by its number from 1 on, with each of its transactions, exactly as the bank tells of them. */
export function lineOf(entry: Entry, number: number, currency: CurrencyCode, statementDay: string): StatementLine {
  const amount = signedMinor(entry, currency, nameOf(entry, number))
  const transactions = entry.NtryDtls.flatMap((each) => each.TxDtls)
  const batches = entry.NtryDtls.flatMap((each) => each.Btch ?? [])
  const count = Math.max(transactions.length, ...batches.map(({ NbOfTxs }) => Number(NbOfTxs) || 0))
  const details = transactions.map((transaction) => detailOf(transaction, entry, currency))
  return {
    amount: amount.toString(),
    bookedOn: entry.BookgDt ?? entry.ValDt ?? statementDay,
    ...(entry.ValDt === undefined ? {} : { valueOn: entry.ValDt }),
    ...(count > 1 && count <= MOST_TRANSACTIONS ? { batch: count } : {}),
    references: referencesOf(
      batches.map(({ PmtInfId }) => PmtInfId),
      [entry.AcctSvcrRef, ...batches.map(({ MsgId }) => MsgId)],
      [entry.NtryRef],
    ),
    ...(details.length > 0 ? { details } : {}),
    ...textsOf(entry.AddtlNtryInf, undefined),
  }
}

/** What a bank says beyond that is no number of transactions. */
const MOST_TRANSACTIONS = 1_000_000

/** What finds it in the file: its number among those that are booked, and its reference where it has one. */
function nameOf({ NtryRef, AcctSvcrRef }: Entry, number: number): string {
  const reference = NtryRef ?? AcctSvcrRef
  return reference === undefined ? `booked line ${number}` : `booked line ${number}, ${reference},`
}

function detailOf(transaction: Details, entry: Entry, currency: CurrencyCode): StatementDetail {
  const { Refs, RmtInf, RltdPties, AddtlTxInf } = transaction
  const isCredit = (transaction.CdtDbtInd ?? entry.CdtDbtInd) === 'CRDT'
  // What was instructed in another currency says nothing of how much moved on this account.
  const [Amt] = [transaction.Amt, transaction.AmtDtls?.TxAmt.Amt].filter((each) => each?.['@Ccy'] === currency)
  const amount = Amt && minorOf(Amt['#text'], currency)
  const structured = RmtInf?.Strd ?? []
  return {
    ...(amount === undefined ? {} : { amount: (isCredit ? amount : -amount).toString() }),
    references: referencesOf(
      [
        ...[Refs?.EndToEndId, ...structured.map((each) => each.CdtrRefInf?.Ref)],
        ...structured.flatMap((each) => each.RfrdDocInf?.map(({ Nb }) => Nb)),
        ...[Refs?.InstrId, Refs?.PmtInfId, Refs?.ChqNb],
      ],
      [
        ...[Refs?.AcctSvcrRef, Refs?.TxId, Refs?.UETR, Refs?.ClrSysRef, Refs?.AcctSvcrTxId, Refs?.MktInfrstrctrTxId],
        ...[Refs?.PrcgId, Refs?.MsgId, Refs?.MndtId, Refs?.AcctOwnrTxId, ...(Refs?.Prtry ?? []).map(({ Ref }) => Ref)],
      ],
      [],
    ),
    ...textsOf(
      RmtInf && RmtInf.Ustrd.length > 0 ? RmtInf.Ustrd.join(' ') : AddtlTxInf,
      isCredit ? RltdPties?.Dbtr : RltdPties?.Cdtr,
    ),
  }
}

type Given = readonly (string | undefined)[]

/** By kind, each once; `NOTPROVIDED` is how SEPA writes that there is none. */
function referencesOf(parties: Given, bank: Given, position: Given): StatementReferences {
  const kinds = Object.entries({ parties, bank, position }).map(([kind, given]) => {
    const named = given.flatMap((reference) => kept(reference, 'a reference') ?? [])
    return [kind, [...new Set(named)].filter((reference) => reference !== 'NOTPROVIDED')] as const
  })
  return Object.fromEntries(kinds.filter(([, named]) => named.length > 0))
}

function textsOf(text: string | undefined, counterparty: string | undefined) {
  const [said, named] = [kept(text, 'a text'), kept(counterparty, "a party's name")]
  return { ...(said === undefined ? {} : { text: said }), ...(named === undefined ? {} : { counterparty: named }) }
}

function kept(text: string | undefined, what: string): string | undefined {
  const line = clean(text)
  if (line === undefined || line.length <= MOST_CHARACTERS) return line
  throw new UnreadableError(
    `${what} has ${line.length} characters, and at most ${MOST_CHARACTERS} are kept: ${line.slice(0, 40)}... ` +
      'Ask the bank for shorter ones',
  )
}

/**
 * One line without control characters and what hides or reorders (nobody here can mend a bank's text); undefined when
 * nothing is left.
 */
export function clean(text: string | undefined): string | undefined {
  const line = withoutHiding(text ?? '')
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim()
    .toWellFormed()
  return line === '' ? undefined : line
}
