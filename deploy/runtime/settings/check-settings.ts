import type { z } from 'zod'
import { ConfigError } from '../config.ts'
import type { Fault, Given } from './given.ts'
import { type OwnSettings, ownSettings } from './own-settings.ts'
import { productionFaults } from './production.ts'

export type Checked<Values> =
  | { readonly values: Values & OwnSettings; readonly given: Given['values']; readonly faults?: undefined }
  | { readonly faults: readonly Fault[] }

/** All settings against the schema of a service and, in production, against what is only good for development. */
export function checkSettings<Schema extends z.ZodObject>(
  service: string,
  schema: Schema,
  { values: given, faults }: Given,
): Checked<z.infer<Schema>> {
  const raw = Object.fromEntries(Array.from(given, ([name, { value }]) => [name, value]))
  const [service_, own] = [schema.safeParse(raw), ownSettings.safeParse(raw)]
  const known = new Set(faults.map(({ name }) => name))
  const issues = [...(service_.error?.issues ?? []), ...(own.error?.issues ?? [])]
  const wrong = issues.filter(({ path }) => !known.has(String(path[0]))).map((issue) => faultOf(issue, given))
  const isProduction = raw.MICROPAY_MODE === 'production'
  const all = [...faults, ...wrong, ...(isProduction ? productionFaults(service, given) : [])]
  if (!service_.success || !own.success || all.length > 0) return { faults: all }
  return { values: { ...service_.data, ...own.data }, given }
}

function faultOf({ path, message }: z.core.$ZodIssue, given: Given['values']): Fault {
  const name = path.join('.')
  const found = given.get(String(path[0]))
  if (found) return { name, from: found.from, problem: message }
  return { name, from: '', problem: `is missing${message.startsWith('Invalid input') ? '' : `: ${message}`}` }
}

/** One error with all that is wrong. */
export function settingsError(service: string, faults: readonly Fault[]): ConfigError {
  return new ConfigError(`the settings of ${service} do not fit:\n${faultLines(faults).join('\n')}`)
}

export function faultLines(faults: readonly Fault[]): readonly string[] {
  return faults.map(({ name, from, problem }) => `  ${name}${from === '' ? '' : ` (${from})`}: ${problem}`)
}
