import { ConfigError } from '@micropay/runtime/config'
import { createLogger } from '@micropay/runtime/logger'
import { formatIn } from '@micropay/runtime/settings/own-settings'
import { addressesIn } from './addresses.ts'
import { makeDatabases } from './make-databases.ts'
import { databasesIn } from './purposes.ts'

/**
 * Makes the databases that services have, their roles and the tables that no service may change, and moves databases
 * of before to them. It may run again at any time, by several at once, and while services run: what is there stays.
 * ADMIN_DATABASE_URL is a superuser's; the other addresses are those that the services are given (purposes.ts). Each
 * may stand in a file, which NAME_FILE names, as for services.
 */
const log = createLogger('databases', process.env.LOG_LEVEL || 'info', process.stdout, formatIn(process.env))
try {
  const { admin, others } = addressesIn(process.env)
  await makeDatabases(admin, databasesIn(others), log)
} catch (error) {
  if (error instanceof ConfigError) log.fatal(error.message)
  else log.fatal({ err: error }, 'the databases and their roles could not be made')
  process.exitCode = 1
}
