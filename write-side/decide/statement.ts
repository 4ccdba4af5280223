import assert from 'node:assert/strict'
import { type StatementAccepted, sumsOf } from '@micropay/schemas/api/statement'
import { normalIban } from '@micropay/schemas/iban'
import type { AccountId } from '@micropay/schemas/identifiers'
import type { LedgerEvent } from '@micropay/schemas/log/event'
import { broughtCommand } from '@micropay/schemas/log/generations'
import type { ImportedStatement, StatementPart } from '@micropay/schemas/log/statement-shapes'
import { type AccountKey, accountKey, putChanged, visibleAccount } from './account.ts'
import {
  accepted,
  asItIs,
  type CommandRule,
  type CommitFacts,
  type Decided,
  type Decision,
  type DecisionFacts,
  eventOf,
  type Folds,
  type LedgerView,
  put,
  rejected,
  stateTable,
} from './ledger.ts'
import { contentOf, contentOfLines } from './statement-content.ts'

/** The generation that brought parts, and what a statement is known by. */
const CONTENT_GENERATION = broughtCommand('KeepStatementPart')

type StatementKey = { readonly account: AccountKey; readonly statementId: string }
type ContentKey = { readonly account: AccountKey; readonly content: string }
type PartsKey = { readonly account: AccountKey; readonly importId: string }
type ImportedKey = { readonly account: AccountKey; readonly seq: number }
type BankAccountKey = { readonly tenant: string; readonly iban: string; readonly currency: string }
/** The parts of an import that are there: how many, the digest of what their lines move, and their sums. */
type Parts = { readonly parts: number; readonly digest: string; readonly credits: string; readonly debits: string }

/**
 * `withdrawn` is the sequence at which it was withdrawn; `twin` that of a statement of the same content which stood
 * when this one came: earlier generations took both.
 */
type Imported = { readonly statementId: string; readonly withdrawn?: number; readonly twin?: number }

/** At which sequence an account's statement of that id was imported, the last of them. No id holds a line break. */
export const statements = stateTable(
  'statements',
  ({ account, statementId }: StatementKey) => `${account}\n${statementId}`,
  asItIs<number>(),
)
/** The same of what makes a statement the one that it is. */
export const statementContents = stateTable(
  'statement-contents',
  ({ account, content }: ContentKey) => `${account}\n${content}`,
  asItIs<number>(),
)
/** What came of statements that do not fit into one record. */
export const statementParts = stateTable(
  'statement-parts',
  ({ account, importId }: PartsKey) => `${account}\n${importId}`,
  asItIs<Parts>(),
)
/**
 * Of which account of ours the latest statement of that account at a bank was imported: a bank may hold several
 * currencies under one number. Neither a tenant nor an IBAN holds a line break.
 */
export const bankAccounts = stateTable(
  'bank-accounts',
  ({ tenant, iban, currency }: BankAccountKey) => `${tenant}\n${iban}\n${currency}`,
  asItIs<AccountId>(),
)
/** Each statement that was imported, by the sequence of that commit. */
export const importedStatements = stateTable(
  'imported-statements',
  ({ account, seq }: ImportedKey) => `${account}\n${seq}`,
  asItIs<Imported>(),
)
/** How many statements of an account stand. */
export const standingStatements = stateTable('standing-statements', (account: AccountKey) => account, asItIs<number>())
export const statementTables = [
  ...[statements, statementContents, statementParts, bankAccounts],
  ...[importedStatements, standingStatements],
]

/** What the key of a statement of several parts keeps for its answer, since its last part does not say it. */
type StatementSumsKept = { readonly credits: string; readonly debits: string }

export const statementCommands = {
  ImportStatement: {
    place: ({ accountId }) => accountId,
    decide: decideImportStatement,
    keep: keepSums,
    answer: statementAccepted,
  } satisfies CommandRule<ImportedStatement, StatementSumsKept, StatementAccepted>,
  KeepStatementPart: {
    place: ({ accountId }) => accountId,
    decide: decideKeepStatementPart,
    answer: ({ accountId, importId, part, of }, { decidedAt }) => ({ accountId, importId, part, of, decidedAt }),
  } satisfies CommandRule<StatementPart, object, PartKept>,
}
type PartKept = Pick<StatementPart, 'accountId' | 'importId' | 'part' | 'of'> & Decided

export const statementEvents: Folds<'StatementImported' | 'StatementPart'> = {
  StatementPart(part, ledger, { tenant }) {
    const account = accountKey(tenant, part.accountId)
    return [put(statementParts, { account, importId: part.importId }, partsWith(part, account, ledger))]
  },
  StatementImported: (statement, ledger, { tenant, seq }) => {
    const { accountId, statementId, currency } = statement
    const { iban } = statement.personal.data
    const account = accountKey(tenant, accountId)
    const { content } = wholeOf(statement, account, ledger)
    const twin = standingOf({ account, content }, ledger)
    return [
      putChanged(ledger, tenant, accountId, (before) => ({ ...before, iban })),
      put(statements, { account, statementId }, seq),
      put(statementContents, { account, content }, seq),
      put(importedStatements, { account, seq }, { statementId, ...(twin === undefined ? {} : { twin }) }),
      put(standingStatements, account, (ledger.read(standingStatements, account) ?? 0) + 1),
      put(bankAccounts, { tenant, iban: normalIban(iban), currency }, accountId),
    ]
  },
}

/**
 * A bank's statement for one external account of ours, taken once. The first one says which bank account that is, and
 * later ones must agree, of this account and of others. That it adds up was checked before it came here.
 */
function decideImportStatement(data: ImportedStatement, ledger: LedgerView, facts: DecisionFacts): Decision {
  const { iban } = data.personal.data
  const account = visibleAccount(ledger, data.accountId, facts)
  if (!account) return rejected('account_not_found', `there is no account ${data.accountId}`)
  if (account.currency !== data.currency) {
    const [held, stated] = [account.currency, data.currency]
    const detail =
      `${account.accountId} holds ${held}, and the statement is in ${stated}: ` +
      'choose the account that it belongs to'
    return rejected('currency_mismatch', detail)
  }
  const wrong = wrongType(account)
  if (wrong) return wrong
  // Ledgers hold numbers that were written before their form was checked.
  if (account.iban !== undefined && normalIban(account.iban) !== normalIban(iban)) {
    const detail =
      `the statement is of ${iban}, and earlier ones of ${account.accountId} were of ${account.iban}: ` +
      'choose the account that it belongs to'
    return rejected('statement_wrong_account', detail)
  }
  const { tenant } = facts
  const other = ledger.read(bankAccounts, { tenant, iban: normalIban(iban), currency: data.currency })
  const holder = other === undefined || other === account.accountId ? undefined : visibleAccount(ledger, other, facts)
  const isTheirs =
    facts.generation >= CONTENT_GENERATION ? normalIban(holder?.iban ?? '') === normalIban(iban) : holder?.iban === iban
  if (holder && holder.status !== 'closed' && isTheirs) {
    const detail =
      `the statement is of ${iban}, and earlier ones of that were imported for ${holder.accountId}: ` +
      'choose that account, or close it first'
    return rejected('statement_wrong_account', detail)
  }
  const key = accountKey(tenant, data.accountId)
  const whole = wholeOf(data, key, ledger)
  const { statementId, content = whole.content } = data
  const before = importedBefore({ account: key, statementId, content }, ledger, facts)
  if (before !== undefined) {
    const known = ledger.read(importedStatements, { account: key, seq: before })?.statementId ?? statementId
    const where = known === statementId ? `at sequence ${before}` : `as ${known} at sequence ${before}`
    const which = `the statement ${statementId} of ${account.accountId}`
    return rejected('statement_already_imported', `${which} was imported before, ${where}`)
  }
  assert(content === whole.content, 'the last part of a statement comes behind all others')
  const total = BigInt(data.opening) + whole.credits - whole.debits
  assert(total === BigInt(data.closing), 'a statement that does not add up is never decided')
  return accepted({ type: 'StatementImported', version: 2, data })
}

/**
 * Another content under a known id is another statement, and the same content under any id is the same one. Before the
 * generation that brought this, the id alone was looked at. What was withdrawn was not imported.
 */
function importedBefore(statement: StatementKey & ContentKey, ledger: LedgerView, { generation }: DecisionFacts) {
  return generation >= CONTENT_GENERATION ? standingOf(statement, ledger) : ledger.read(statements, statement)
}

/** At which sequence the statement of a content was imported that stands. */
function standingOf({ account, content }: ContentKey, ledger: LedgerView): number | undefined {
  let seq = ledger.read(statementContents, { account, content })
  while (seq !== undefined) {
    const imported = ledger.read(importedStatements, { account, seq })
    if (imported?.withdrawn === undefined) return seq
    seq = imported.twin
  }
  return undefined
}

/** Parts come in order, as they were split; the first one begins anew. */
function decideKeepStatementPart(data: StatementPart, ledger: LedgerView, facts: DecisionFacts): Decision {
  const account = visibleAccount(ledger, data.accountId, facts)
  if (!account) return rejected('account_not_found', `there is no account ${data.accountId}`)
  const wrong = wrongType(account)
  if (wrong) return wrong
  const key = accountKey(facts.tenant, data.accountId)
  const there = data.part === 1 ? 0 : ledger.read(statementParts, { account: key, importId: data.importId })?.parts
  assert(there === data.part - 1 && data.part < data.of, 'the parts of a statement come in order')
  return accepted({ type: 'StatementPart', version: 1, data })
}

function wrongType({ accountId, type }: { readonly accountId: AccountId; readonly type: string }) {
  if (type === 'external') return undefined
  const detail = `${accountId} is an account of type ${type}: a bank's statement belongs to an external one`
  return rejected('statement_wrong_account', detail)
}

const noParts: Parts = { parts: 0, digest: '', credits: '0', debits: '0' }

function partsWith({ importId, part, lines }: StatementPart, account: AccountKey, ledger: LedgerView): Parts {
  const before = part === 1 ? noParts : (ledger.read(statementParts, { account, importId }) ?? noParts)
  const { credits, debits } = sumsOf({ opening: '0', closing: '0', lines })
  return {
    parts: part,
    digest: contentOfLines(lines, before.digest),
    credits: (BigInt(before.credits) + credits).toString(),
    debits: (BigInt(before.debits) + debits).toString(),
  }
}

/** What all parts of a statement are together, the ones before the last from the state. */
function wholeOf(statement: ImportedStatement, account: AccountKey, ledger: LedgerView) {
  const { importId, lines } = statement
  const before = importId === undefined ? noParts : (ledger.read(statementParts, { account, importId }) ?? noParts)
  const { credits, debits } = sumsOf({ opening: '0', closing: '0', lines })
  return {
    content: contentOf(statement, contentOfLines(lines, before.digest)),
    credits: BigInt(before.credits) + credits,
    debits: BigInt(before.debits) + debits,
  }
}

function keepSums(
  events: readonly LedgerEvent[],
  after: LedgerView,
  { tenant }: CommitFacts,
): StatementSumsKept | undefined {
  // The commit of an approval says first what it approves.
  const event = eventOf(events, 'StatementImported')
  if (!event || event.data.parts === 1) return undefined
  const { credits, debits } = wholeOf(event.data, accountKey(tenant, event.data.accountId), after)
  return { credits: credits.toString(), debits: debits.toString() }
}

function statementAccepted(
  statement: ImportedStatement,
  { decidedAt, credits, debits }: Decided & Partial<StatementSumsKept>,
): StatementAccepted {
  const { accountId, statementId, currency, from, to, opening, closing, lineCount } = statement
  const sums = sumsOf(statement)
  return {
    ...{ accountId, statementId, iban: statement.personal.data.iban, currency, from, to, opening },
    ...{ credits: credits ?? sums.credits.toString(), debits: debits ?? sums.debits.toString(), closing },
    ...{ lines: lineCount, sha256: statement.sha256 ?? null, decidedAt },
  }
}
