import { accountCommands, accountEvents, accountTables } from './account.ts'
import { noteCommands, noteEvents, noteTables } from './note.ts'
import { payeeCommands, payeeEvents, payeeTables } from './payee.ts'
import { paymentCommands, paymentEvents } from './payment.ts'
import { statementCommands, statementEvents, statementTables } from './statement.ts'

/** Every command, by its type. */
export const commands = {
  ...accountCommands,
  ...paymentCommands,
  ...statementCommands,
  ...payeeCommands,
  ...noteCommands,
}

/** The fold of every event, by its type. */
export const folds = { ...accountEvents, ...paymentEvents, ...statementEvents, ...payeeEvents, ...noteEvents }

/** Every kind of state. */
export const stateTables = [...accountTables, ...statementTables, ...payeeTables, ...noteTables]
