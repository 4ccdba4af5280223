import { z } from 'zod'
import { StoredAmount, StoredCurrency, StoredPolicyId, StoredText } from './stored-fields.ts'

/** The zone whose days a tenant's periods are made of; UTC until one is set. */
export const LedgerZoneSet = z.object({ zone: StoredText })

/**
 * How many persons a command needs from here on; of payments, those alone that move more than `above` in its currency.
 * The last rule for a command stands.
 */
export const PolicySet = z.object({
  policyId: StoredPolicyId,
  rule: z.object({
    command: StoredText,
    people: z.int().min(1).max(2),
    above: z.object({ amount: StoredAmount, currency: StoredCurrency }).optional(),
  }),
})
