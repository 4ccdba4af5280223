import { accountCommands, accountEvents, accountTables } from './account.ts'
import { accountDetailCommands, accountDetailEvents } from './account-details.ts'
import { payeeCommands, payeeEvents, payeeTables } from './payee.ts'
import { paymentCommands, paymentEvents } from './payment.ts'
import { statementCommands, statementEvents, statementTables } from './statement.ts'

/** Every command, by its type. */
export const commands = {
  ...accountCommands,
  ...accountDetailCommands,
  ...paymentCommands,
  ...statementCommands,
  ...payeeCommands,
}

/** The fold of every event, by its type. */
export const folds = { ...accountEvents, ...accountDetailEvents, ...paymentEvents, ...statementEvents, ...payeeEvents }

/** Every kind of state. */
export const stateTables = [...accountTables, ...statementTables, ...payeeTables]
