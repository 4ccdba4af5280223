import { z } from 'zod'
import type { AccountType } from './account-type.ts'

/** Where an account stands in the chart of accounts: up to 8 segments of small letters, digits and hyphens. */
export const AccountPath = z
  .string()
  .max(120)
  .regex(/^[a-z0-9][a-z0-9-]{0,39}(?:\/[a-z0-9][a-z0-9-]{0,39}){0,7}$/, {
    error: 'must be 1 to 8 segments of small letters, digits and hyphens, such as assets/cash/eur',
  })
  .meta({ id: 'AccountPath', examples: ['assets/cash/eur'] })
export type AccountPath = z.infer<typeof AccountPath>

const roots: Readonly<Record<AccountType, string>> = {
  customer: 'liabilities/customers',
  external: 'assets/external',
  internal: 'income',
}

/**
 * The place of an account that was opened without a path; derived wherever it is shown, and never stored in an event.
 */
export function defaultPathOf(type: AccountType, currency: string): AccountPath {
  return `${roots[type]}/${currency.toLowerCase()}`
}
