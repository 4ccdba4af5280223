import assert from 'node:assert/strict'
import { sumsOf } from '@micropay/schemas/api/statement'
import {
  accepted,
  type CommandOf,
  type Decision,
  type DecisionFacts,
  type LedgerView,
  rejected,
  visibleAccount,
} from './ledger.ts'

/**
 * A bank's statement for one external account of ours, taken once. The first one says which bank account that is, and later ones must agree, of
 * this account and of others.
 * That it adds up was checked before it came here.
 */
export function decideImportStatement(
  { data }: CommandOf<'ImportStatement'>,
  ledger: LedgerView,
  facts: DecisionFacts,
): Decision {
  assert(sumsOf(data).difference === 0n, 'a statement that does not add up is never decided')
  const account = visibleAccount(ledger, data.accountId, facts)
  if (!account) return rejected('account_not_found', `there is no account ${data.accountId}`)
  if (account.currency !== data.currency) {
    const detail = `${account.accountId} holds ${account.currency}, and the statement is in ${data.currency}: choose the account that it belongs to`
    return rejected('currency_mismatch', detail)
  }
  if (account.type !== 'external') {
    const detail = `${account.accountId} is an account of type ${account.type}: a bank's statement belongs to an external one`
    return rejected('statement_wrong_account', detail)
  }
  if (account.iban !== undefined && account.iban !== data.iban) {
    const detail = `the statement is of ${data.iban}, and earlier ones of ${account.accountId} were of ${account.iban}: choose the account that it belongs to`
    return rejected('statement_wrong_account', detail)
  }
  const other = ledger.bankAccount(facts.tenant, data.iban, data.currency)
  if (other !== undefined && other !== account.accountId && ledger.account(other)?.status !== 'closed') {
    const detail = `the statement is of ${data.iban}, and earlier ones of that were imported for ${other}: choose that account, or close it first`
    return rejected('statement_wrong_account', detail)
  }
  const before = ledger.statement(data.accountId, data.statementId)
  if (before !== undefined) {
    const detail = `the statement ${data.statementId} of ${account.accountId} was imported before, at sequence ${before}`
    return rejected('statement_already_imported', detail)
  }
  return accepted({ type: 'StatementImported', version: 1, data })
}
