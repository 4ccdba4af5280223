import { z } from 'zod'

/**
 * `customer`: money that the house owes its owner; `external`: the world outside (cash, other banks), where deposits
 * come from and withdrawals go to; `internal`: the house's own income and expense.
 */
export const AccountType = z.enum(['customer', 'external', 'internal']).meta({ id: 'AccountType' })
export type AccountType = z.infer<typeof AccountType>
