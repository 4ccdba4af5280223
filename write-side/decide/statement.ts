import assert from 'node:assert/strict'
import { type StatementAccepted, sumsOf } from '@micropay/schemas/api/statement'
import { normalIban } from '@micropay/schemas/iban'
import type { AccountId } from '@micropay/schemas/identifiers'
import type { ImportedStatement } from '@micropay/schemas/log/event'
import { accounts, knownAccount, putAccount, visibleAccount } from './account.ts'
import {
  accepted,
  asItIs,
  type CommandRule,
  type Decided,
  type Decision,
  type DecisionFacts,
  type Folds,
  type LedgerView,
  put,
  rejected,
  stateTable,
} from './ledger.ts'

type StatementKey = { readonly accountId: AccountId; readonly statementId: string }
type BankAccountKey = { readonly tenant: string; readonly iban: string; readonly currency: string }

/** At which sequence an account's statement of that id was imported. No account id holds a line break. */
export const statements = stateTable(
  'statements',
  ({ accountId, statementId }: StatementKey) => `${accountId}\n${statementId}`,
  asItIs<number>(),
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
export const statementTables = [statements, bankAccounts]

export const statementCommands = {
  ImportStatement: {
    place: ({ accountId }) => accountId,
    decide: decideImportStatement,
    answer: statementAccepted,
  } satisfies CommandRule<ImportedStatement, object, StatementAccepted>,
}

export const statementEvents: Folds<'StatementImported'> = {
  StatementImported: ({ accountId, statementId, iban, currency }, ledger, { tenant, seq }) => [
    putAccount({ ...knownAccount(ledger, accountId), iban }),
    put(statements, { accountId, statementId }, seq),
    put(bankAccounts, { tenant, iban, currency }, accountId),
  ],
}

/**
 * A bank's statement for one external account of ours, taken once. The first one says which bank account that is, and
 * later ones must agree, of this account and of others. That it adds up was checked before it came here.
 */
function decideImportStatement(data: ImportedStatement, ledger: LedgerView, facts: DecisionFacts): Decision {
  assert(sumsOf(data).difference === 0n, 'a statement that does not add up is never decided')
  const account = visibleAccount(ledger, data.accountId, facts)
  if (!account) return rejected('account_not_found', `there is no account ${data.accountId}`)
  if (account.currency !== data.currency) {
    const [held, stated] = [account.currency, data.currency]
    const detail =
      `${account.accountId} holds ${held}, and the statement is in ${stated}: ` +
      'choose the account that it belongs to'
    return rejected('currency_mismatch', detail)
  }
  if (account.type !== 'external') {
    const what = `${account.accountId} is an account of type ${account.type}`
    const detail = `${what}: a bank's statement belongs to an external one`
    return rejected('statement_wrong_account', detail)
  }
  // Ledgers hold numbers that were written before their form was checked.
  if (account.iban !== undefined && normalIban(account.iban) !== normalIban(data.iban)) {
    const detail =
      `the statement is of ${data.iban}, and earlier ones of ${account.accountId} were of ${account.iban}: ` +
      'choose the account that it belongs to'
    return rejected('statement_wrong_account', detail)
  }
  const { iban, currency } = data
  const other = ledger.read(bankAccounts, { tenant: facts.tenant, iban, currency })
  if (other !== undefined && other !== account.accountId && ledger.read(accounts, other)?.status !== 'closed') {
    const detail =
      `the statement is of ${data.iban}, and earlier ones of that were imported for ${other}: ` +
      'choose that account, or close it first'
    return rejected('statement_wrong_account', detail)
  }
  const before = ledger.read(statements, data)
  if (before !== undefined) {
    const which = `the statement ${data.statementId} of ${account.accountId}`
    return rejected('statement_already_imported', `${which} was imported before, at sequence ${before}`)
  }
  return accepted({ type: 'StatementImported', version: 1, data })
}

function statementAccepted(statement: ImportedStatement, { decidedAt }: Decided): StatementAccepted {
  const { lines, ...head } = statement
  const { credits, debits } = sumsOf(statement)
  return { ...head, credits: credits.toString(), debits: debits.toString(), lines: lines.length, decidedAt }
}
