import { accountCommands, accountEvents, accountTables } from './account.ts'
import { accountDetailCommands, accountDetailEvents } from './account-details.ts'
import { cancelPaymentCommands } from './cancel-payment.ts'
import { closingCommands, closingEvents, closingTables } from './closing.ts'
import { givenBackTables } from './given-back.ts'
import { historyEvents, historyTables } from './history.ts'
import { factTables } from './ledger-facts.ts'
import { payeeCommands, payeeEvents, payeeTables } from './payee.ts'
import { payeeCheckCommands, payeeCheckEvents, payeeCheckTables } from './payee-check.ts'
import { paymentCommands, paymentEvents } from './payment.ts'
import { periodCommands, periodEvents, periodTables } from './period.ts'
import { policyCommands, policyEvents, policyTables } from './policy.ts'
import { proposalCommands, proposalEvents, proposalTables } from './proposal.ts'
import { refundCommands } from './refund.ts'
import { sagaEvents, sagaTables } from './saga.ts'
import { statementCommands, statementEvents, statementTables } from './statement.ts'
import { withdrawnStatementCommands, withdrawnStatementEvents } from './withdrawn-statement.ts'

/** Every command, by its type; the approval of one, which decides it, is in decide.ts. */
export const commands = {
  ...accountCommands,
  ...accountDetailCommands,
  ...paymentCommands,
  ...refundCommands,
  ...cancelPaymentCommands,
  ...statementCommands,
  ...withdrawnStatementCommands,
  ...payeeCommands,
  ...payeeCheckCommands,
  ...periodCommands,
  ...closingCommands,
  ...policyCommands,
  ...proposalCommands,
}

/** The fold of every event, by its type. */
export const folds = {
  ...accountEvents,
  ...accountDetailEvents,
  ...paymentEvents,
  ...sagaEvents,
  ...historyEvents,
  ...statementEvents,
  ...withdrawnStatementEvents,
  ...payeeEvents,
  ...payeeCheckEvents,
  ...periodEvents,
  ...closingEvents,
  ...policyEvents,
  ...proposalEvents,
}

/** Every kind of state. */
export const stateTables = [
  ...accountTables,
  ...statementTables,
  ...payeeTables,
  ...payeeCheckTables,
  ...periodTables,
  ...closingTables,
  ...policyTables,
  ...givenBackTables,
  ...proposalTables,
  ...sagaTables,
  ...historyTables,
  ...factTables,
]
