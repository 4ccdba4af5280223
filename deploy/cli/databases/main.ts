import { ConfigError } from '@micropay/runtime/config'
import { createLogger } from '@micropay/runtime/logger'
import { formatIn } from '@micropay/runtime/settings/own-settings'
import { makeDatabases } from './make-databases.ts'
import { databasesIn } from './purposes.ts'

/**
 * Makes the databases that services have, their roles and the tables that no service may change, and moves databases
 * of before to them. It may run again at any time, by several at once, and while services run: what is there stays.
 * ADMIN_DATABASE_URL is a superuser's; the other addresses are those that the services are given (purposes.ts).
 */
const log = createLogger('databases', process.env.LOG_LEVEL || 'info', process.stdout, formatIn(process.env))
try {
  const admin = process.env.ADMIN_DATABASE_URL
  if (!admin) throw new ConfigError("ADMIN_DATABASE_URL is missing: the address of a superuser's database")
  await makeDatabases(admin, databasesIn(process.env), log)
} catch (error) {
  if (error instanceof ConfigError) log.fatal(error.message)
  else log.fatal({ err: error }, 'the databases and their roles could not be made')
  process.exitCode = 1
}
