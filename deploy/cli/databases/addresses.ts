import { ConfigError } from '@micropay/runtime/config'
import { settingsError } from '@micropay/runtime/settings/check-settings'
import { fromEnvironment } from '@micropay/runtime/settings/environment'
import { purposes } from './purposes.ts'

const ADMIN = 'ADMIN_DATABASE_URL'

/** The addresses in the environment, or in files that it names. Throws ConfigError for files that cannot be read. */
export function addressesIn(env: NodeJS.ProcessEnv): {
  readonly admin: string
  readonly others: Readonly<Record<string, string>>
} {
  const { values, faults } = fromEnvironment({ names: new Set([ADMIN, ...Object.keys(purposes)]) }, env)
  if (faults.length > 0) throw settingsError('databases', faults)
  const { [ADMIN]: admin, ...others } = Object.fromEntries(Array.from(values, ([name, { value }]) => [name, value]))
  if (!admin) throw new ConfigError(`${ADMIN} is missing: the address of a superuser's database`)
  return { admin, others }
}
