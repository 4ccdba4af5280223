import { accountCommands, accountEvents, accountTables } from './account.ts'
import { payeeCommands, payeeEvents, payeeTables } from './payee.ts'
import { paymentCommands, paymentEvents } from './payment.ts'
import { statementCommands, statementEvents, statementTables } from './statement.ts'

/** Every command, by its type. */
export const commands = { ...accountCommands, ...paymentCommands, ...statementCommands, ...payeeCommands }

/** The fold of every event, by its type. */
export const folds = { ...accountEvents, ...paymentEvents, ...statementEvents, ...payeeEvents }

/** Every kind of state. */
export const stateTables = [...accountTables, ...statementTables, ...payeeTables]
